// SPDX-License-Identifier: MIT
// What a just-in-time compiler is for: calls, objects, a sort, JSON, a map, numbers.
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
const list = [];
for (let i = 0; i < 60000; i++) list.push({key: i * 7919 % 100003, name: 'v' + i});
list.sort((a, b) => a.key - b.key);
const text = JSON.stringify(list), map = new Map();
for (const o of JSON.parse(text)) map.set(o.name, o.key);
let x = 0;
for (let i = 0; i < 300000; i++) x = (x + Math.sqrt(i) * 3 | 0) ^ i;
console.log(fib(24), text.length, map.size, x, text.replace(/v(\d)/g, 'w$1').length);
