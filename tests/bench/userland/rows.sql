-- SPDX-License-Identifier: MIT
create table t(a integer primary key, b text, c real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
insert into t select i, 'row' || (i * 7919 % 10007), i * 1.5 from n;
create index ib on t(b);
select count(*), sum(c) from t where b like 'row1%';
select b, count(*) from t group by b order by 2 desc, 1 limit 2;
select count(*) from t x join t y on x.b = y.b;
