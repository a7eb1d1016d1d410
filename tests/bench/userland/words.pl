# SPDX-License-Identifier: MIT
# Hashes, strings, a sort, regular expressions.
my (%h, $sum, $n);
for my $i (1 .. 60000) {
    my $key = "key" . ($i * 7919 % 10007);
    $h{$key} .= chr(97 + $i % 26);
    $sum += length $h{$key};
}
my $text = join(",", map { "$_=$h{$_}" } sort keys %h);
$n += $1 while $text =~ /key(\d+)=([a-m]+)/g;
$text =~ s/[aeiou]/*/g;
print "$sum $n ", length $text, "\n";
