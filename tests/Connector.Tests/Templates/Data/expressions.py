"""Writes expressions.jsonl: small templates and what Python's jinja2 renders from them.

The environment is that of chat templates: trim_blocks, lstrip_blocks, loop controls, a plain-JSON tojson.
Run with jinja2 3.1: python3 expressions.py > expressions.jsonl
"""
import json

import jinja2
import jinja2.ext
from jinja2 import nodes


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.Scope(body, lineno=line)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise jinja2.TemplateError(message)


VARIABLES = {
    "s": "  Hello, Wörld's \"end\"  ",
    "wide": "a😀b👍c",
    "lines": "one\ntwo\n\nthree\n",
    "n": 7,
    "f": 2.5,
    "big": 12345678901234567890,
    "t": True,
    "no": None,
    "xs": [3, 1, 2],
    "words": ["pear", "Apple", "fig", "apple"],
    "mixed": [1, "a", None, True, 2.0, [1], {"k": "v"}],
    "d": {"b": 1, "a": [1, 2, {"x": "y<&>'\""}], "items": "shadow", "ü": "é\t\u2028"},
    "people": [{"name": "Ann", "age": 30, "tags": ["x"]}, {"name": "bob", "age": 25}, {"name": "Cid", "age": 30}],
    "empty": [],
    "html": "<b>&'\"</b>",
}

TEMPLATES = r"""
{{ 1 + 2 * 3 ** 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 6 / 2 }} {{ 2 ** -1 }} {{ 2 ** 0.5 }}
{{ -2 ** 2 }} {{ 2 ** 3 ** 2 }} {{ +n }} {{ -f }} {{ not n }} {{ not not n }}
{{ 1e3 }} {{ 1.5e-7 }} {{ 1e16 }} {{ 123456789012345680.0 }} {{ 0.1 + 0.2 }} {{ 1_000 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 1.0 }} {{ 100000.0 }} {{ 0.0001 }} {{ 0.00001 }}
{{ big }} {{ big + 1 }} {{ big * big }} {{ 10 ** 30 }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }} {{ 1 == true }} {{ 'a' < 'b' }} {{ [1,2] < [1,3] }} {{ (1,) == (1,) }} {{ [1] == (1,) }}
{{ 'a' in 'abc' }} {{ 'z' not in 'abc' }} {{ 3 in xs }} {{ 'b' in d }} {{ 1 in d.values() }} {{ no in mixed }}
{{ 'a' 'b' "c" }} {{ 'a' ~ 1 ~ none ~ true ~ 1.5 }} {{ 'ab' * 3 }} {{ 2 * [1] }} {{ 'a' + 'b' }} {{ [1] + [2] }}
{{ 'a' + 1 }}
{{ 1 + none }}
{{ 1 / 0 }}
{{ undefinedthing }}|{{ undefinedthing is defined }}|{{ undefinedthing | default('x') }}|{{ undefinedthing or 'y' }}|{{ not undefinedthing }}
{{ undefinedthing.foo }}
{{ undefinedthing + 1 }}
{{ d.missing }}|{{ d.missing is undefined }}|{{ d['missing'] }}|{{ xs[10] }}|{{ no.foo }}|{{ n.foo }}
{{ d.missing.deeper }}
{{ undefinedthing() }}
{{ n() }}
{{ undefinedthing == other_undefined }} {{ undefinedthing == none }} {{ 'x' in undefinedthing }} {{ undefinedthing | length }} {{ undefinedthing ~ 'a' }}
{% for x in undefinedthing %}x{% else %}none{% endfor %}
{{ d.items() | list }} {{ d['items'] }} {{ d.keys() | list }} {{ d.values() | list }} {{ d.get('b') }} {{ d.get('zz') }} {{ d.get('zz', 5) }}
{{ d.items is callable }}
{{ d.keys() }} {{ d.items() }}
{{ true }} {{ false }} {{ none }} {{ True }} {{ None }} {{ [true, none, 'a\'b', "q\"", 1.0] }} {{ {'a': 1, 'b': [1, (2,)]} }} {{ () }} {{ (1, 2) }}
{{ 'tab\tnew\nback\\ bell\a uml\xe4 \u20ac \U0001F600 unknown\q' }} {{ ['tab\t', 'é', '\x07', '\u2028', 'a\'b"c'] }}
{{ xs[0] }} {{ xs[-1] }} {{ xs[1:] }} {{ xs[::-1] }} {{ xs[:2] }} {{ xs[-2:] }} {{ xs[::2] }} {{ xs[5:] }} {{ 'hello'[1:3] }} {{ 'hello'[::-1] }} {{ 'hello'[-3:-1] }} {{ 'hello'[4:1:-2] }} {{ (1,2,3)[1:] }}
{{ wide | length }} {{ wide[1] }} {{ wide[1:4] }} {{ wide[::-1] }} {{ wide.find('b') }} {{ wide | list }} {{ wide | upper }}
{{ xs[n:] }} {{ 'hello'[10] }}|{{ d[xs[1]] }}
{{ xs[0:10:0] }}
{{ s | trim }}|{{ s.strip() }}|{{ s.lstrip() }}|{{ s.rstrip() }}|{{ 'xxaxx' | trim('x') }}|{{ 'xyaxy'.strip('xy') }}|{{ 'xa'.lstrip('x') }}
{{ s | upper }}|{{ s | lower }}|{{ 'hello WORLD' | capitalize }}|{{ "they're bill's (friends) from-the UK" | title }}|{{ "they're bill's".title() }}|{{ 'aB'.swapcase() }}
{{ 'a,b,,c'.split(',') }} {{ ' a  b c '.split() }} {{ 'a b c'.split(' ', 1) }} {{ 'a  b c'.split(none, 1) }} {{ 'a-b-c'.rsplit('-', 1) }} {{ lines.splitlines() }} {{ 'a=b=c'.partition('=') }} {{ 'a=b=c'.rpartition('=') }} {{ ''.split(',') }} {{ ''.split() }}
{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'aXbX'.replace('X', '-') }} {{ 'aXbX'.replace('X', '-', 1) }} {{ 'ab' | replace('', '.') }} {{ 'abab' | replace('a', 'x', 1) }} {{ 5 | replace(5, 6) }}
{{ 'abcabc'.find('c') }} {{ 'abcabc'.rfind('c') }} {{ 'abc'.find('z') }} {{ 'abcabc'.count('b') }} {{ 'abc'.index('c') }} {{ '-'.join(['a', 'b']) }} {{ 'x'.isdigit() }} {{ '12'.isdigit() }} {{ 'ab'.isalpha() }} {{ 'Ab'.isupper() }} {{ ' '.isspace() }}
{{ '42'.zfill(5) }} {{ '-42'.zfill(5) }} {{ 'a'.ljust(3) }}| {{ 'a'.rjust(3, '.') }} {{ 'a'.center(4, '*') }} {{ 'prefixed'.removeprefix('pre') }} {{ 'a.txt'.removesuffix('.txt') }}
{{ '-'.join([1, 2]) }}
{{ 'abc'.index('z') }}
{{ '{} and {}'.format('a', 1) }} {{ '{1}{0}'.format('a', 'b') }} {{ '{x!r:>5}|{y:05d}|{z:.2f}|{w:,}'.format(x='a', y=42, z=3.14159, w=1234567) }} {{ '{{}}'.format() }} {{ '{:<5}|{:^5}|{:>5}'.format('a', 'b', 'c') }} {{ '{:x} {:b} {:e} {:%}'.format(255, 5, 12345.678, 0.25) }}
{{ '{}'.format() }}
{{ '%s is %d years, %.1f%% %5s|%-5s|%05d %r' % ('Ann', 30, 12.34, 'x', 'y', 42, 'q') }} {{ '%s' | format('z') }} {{ '%s' % none }}
{{ '%s %s' % ('a',) }}
{{ d | tojson }}
{{ d | tojson(indent=2) }}
{{ mixed | tojson }} {{ mixed | tojson(separators=(',', ':')) }} {{ d | tojson(sort_keys=true) }} {{ d | tojson(ensure_ascii=true) }} {{ wide | tojson(ensure_ascii=true) }} {{ html | tojson }} {{ 1.0 | tojson }} {{ 1e20 | tojson }} {{ [] | tojson(indent=2) }} {{ {} | tojson }} {{ {1: 'a', none: 'b', true: 'c', 1.5: 'd'} | tojson }}
{{ (1, 2) | tojson }} {{ {'a': []} | tojson(indent=4) }}
{{ undefinedthing | tojson }}
{{ (xs | map('string')) | tojson }}
{{ d.items() | tojson }}
{{ '{"a": [1, 2.5, null, true, "x"]}' | length }} {{ xs | length }} {{ 'héllo' | length }} {{ d | length }} {{ d | count }}
{{ n | length }}
{{ none | length }}
{{ xs | sort }} {{ words | sort }} {{ words | sort(case_sensitive=true) }} {{ words | sort(reverse=true) }} {{ people | sort(attribute='age') | map(attribute='name') | list }} {{ people | sort(attribute='age,name') | map(attribute='name') | join(',') }}
{{ mixed | sort }}
{{ d | dictsort }} {{ {'b': 1, 'A': 2, 'c': 0} | dictsort }} {{ {'b': 1, 'A': 2} | dictsort(true) }} {{ {'b': 1, 'A': 2, 'c': 0} | dictsort(by='value') }} {{ {'b': 1, 'a': 2} | dictsort(reverse=true) }}
{{ words | unique | list }} {{ [1, 1, 2] | unique | list }} {{ words | unique(case_sensitive=true) | list }} {{ people | unique(attribute='age') | map(attribute='name') | list }}
{{ xs | min }} {{ xs | max }} {{ words | min }} {{ people | max(attribute='age') }} {{ empty | max }}| {{ xs | sum }} {{ people | sum(attribute='age') }} {{ xs | sum(start=10) }}
{{ xs | first }} {{ xs | last }} {{ empty | first }}|{{ 'abc' | first }} {{ 'abc' | last }} {{ d | first }}
{{ xs | reverse | list }} {{ 'abc' | reverse }} {{ xs | join('-') }} {{ xs | join }} {{ people | join(', ', attribute='name') }} {{ mixed | join('|') }} {{ 'abc' | join('.') }}
{{ people | map(attribute='age') | list }} {{ people | map(attribute='tags') | list }} {{ people | map(attribute='tags.0', default='none') | list }} {{ words | map('upper') | list }} {{ words | map('replace', 'p', 'b') | list }} {{ xs | map('string') | join }}
{{ people | selectattr('age', 'equalto', 30) | map(attribute='name') | list }} {{ people | rejectattr('age', '==', 30) | list }} {{ people | selectattr('tags') | list | length }} {{ people | selectattr('tags', 'defined') | map(attribute='name') | first }} {{ people | rejectattr('tags') | map(attribute='name') | list }}
{{ [1, 2, 3, 4] | select('odd') | list }} {{ [1, 2, 3, 4] | reject('even') | list }} {{ [0, 1, '', 'a'] | select | list }} {{ [1, 2, 3] | select('gt', 1) | list }} {{ ['a', none] | select('string') | list }} {{ words | select('in', ['fig']) | list }}
{{ [1, 2, 3, 4, 5] | batch(2) | list }} {{ [1, 2, 3] | batch(2, 'x') | list }} {{ [1, 2, 3, 4, 5] | slice(2) | list }} {{ [1, 2, 3] | slice(2, 'x') | list }}
{% for g, items in people | groupby('age') %}{{ g }}:{{ items | map(attribute='name') | join(',') }};{% endfor %}
{{ '3' | int }} {{ '3.7' | int }} {{ 'x' | int }} {{ 'x' | int(5) }} {{ 3.9 | int }} {{ '0x1f' | int(base=16) }} {{ none | int }} {{ true | int }} {{ '  8 ' | int }} {{ '3.5' | float }} {{ 'x' | float }} {{ 3 | float }} {{ 'x' | float(1.5) }}
{{ undefinedthing | int }}
{{ 3.14159 | round(2) }} {{ 2.5 | round }} {{ 3.5 | round }} {{ 2.4 | round(method='ceil') }} {{ 2.6 | round(method='floor') }} {{ 7 | round }} {{ 1234 | round(-2) }} {{ 1250 | round(-2) }} {{ 0.125 | round(2) }} {{ 1e300 | round }} {{ -0.5 | round }} {{ 2.675 | round(2) }} {{ -3 | abs }} {{ -2.5 | abs }}
{{ lines | indent }}|{{ lines | indent(2, true) }}|{{ lines | indent('> ', first=true, blank=true) }}|{{ 'a\nb' | indent(width=1) }}
{{ 'a very long text that goes on' | truncate(12) }} {{ 'a very long text' | truncate(9, true) }} {{ 'short' | truncate(5) }} {{ 'abcdefgh' | truncate(5, true, '!', 0) }} {{ 'one two three' | wordcount }} {{ html | e }} {{ html | escape | length }} {{ 'a b/ü?' | urlencode }} {{ 'abc' | center(9) }}|
{{ '' | default('d') }}|{{ '' | default('d', true) }}|{{ none | default('d') }}|{{ none | default('d', boolean=true) }}|{{ undefinedthing | d('z') }}|{{ 0 | default(5, true) }}
{{ n | string ~ 'x' }} {{ [1, 'a'] | string }} {{ 'abc' | list }} {{ d | list }} {{ n | safe }} {{ d | items | list }} {{ undefinedthing | items | list }}
{{ n | items | list }}
{{ n | nosuchfilter }}
{{ n is nosuchtest }}
{{ n is number }} {{ t is number }} {{ f is number }} {{ n is integer }} {{ t is integer }} {{ f is float }} {{ t is boolean }} {{ s is string }} {{ d is mapping }} {{ xs is mapping }} {{ xs is sequence }} {{ s is sequence }} {{ d is sequence }} {{ n is sequence }} {{ xs is iterable }} {{ n is iterable }} {{ s is iterable }} {{ no is none }} {{ t is true }} {{ n is true }} {{ t is false }} {{ n is odd }} {{ n is even }} {{ n is divisibleby 7 }} {{ n is divisibleby(3) }} {{ n is eq 7 }} {{ n is equalto(7) }} {{ n is in [7] }} {{ n is not in [7] }} {{ n is gt 3 }} {{ n is lt(3) }} {{ s is lower }} {{ 'ABC' is upper }} {{ range is callable }} {{ n is callable }} {{ n is sameas n }} {{ 'upper' is filter }} {{ (xs | map('string')) is sequence }} {{ (xs | map('string')) is iterable }}
{{ n is not none }} {{ n is not defined }} {{ not n is defined }} {{ n is defined and n > 3 }} {{ 'a' if n is odd else 'b' }}
{{ 'yes' if n > 3 }} {{ 'yes' if n > 30 }}| {{ 1 if false else 2 if false else 3 }} {{ ('a' if t else 'b') + 'c' }}
{{ namespace(a=1).a }} {% set ns = namespace(x=0) %}{% for i in xs %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }} {% set ns.y = 'new' %}{{ ns.y }} {{ ns.z }}|{{ ns['x'] }}
{% set x = 1 %}{% for i in xs %}{% set x = x + i %}{{ x }},{% endfor %}{{ x }}
{% set x = 1 %}{% if t %}{% set x = 2 %}{% endif %}{{ x }}
{% for i in xs %}{% if loop.first %}{% set seen = i %}{% endif %}{{ seen }},{% endfor %}{{ seen }}
{% for i in xs %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('a', 'b') }}{{ loop.depth }} {% endfor %}
{% for i in [1, 1, 2] %}{{ loop.changed(i) }}{% endfor %}
{% for i in xs if i > 1 %}{{ loop.index }}:{{ i }}/{{ loop.length }} {% else %}none{% endfor %}{% for i in xs if i > 10 %}{{ i }}{% else %}none{% endfor %}
{% for i in range(10) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }};{% endfor %}{% for k in {'a': 1} %}{{ k }}{% endfor %}{% for c in 'abc' %}{{ c }}.{% endfor %}{% for (a, b) in [(1, 2)] %}{{ a }}{{ b }}{% endfor %}
{% for a, b in [1, 2] %}{{ a }}{% endfor %}
{% for x in n %}{% endfor %}
{% for x in none %}{% endfor %}
{% for item in [{'n': 1, 'c': [{'n': 2, 'c': []}]}] recursive %}{{ item.n }}({{ loop(item.c) }}){{ loop.depth }}{% endfor %}
{{ range(5) | list }} {{ range(1, 4) | list }} {{ range(10, 0, -3) | list }} {{ range(3)[1] }} {{ range(0) | length }} {{ range(3) }} {{ 2 in range(3) }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (c, e) = [3, 4] %}{{ c }}{{ e }}
{% set block %}some {{ n }} text{% endset %}[{{ block }}] {% set up | upper %}abc{% endset %}{{ up }} {{ block | length }}
{% macro m(a, b=2, c=a) %}{{ a }}-{{ b }}-{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, 5) }} {{ m(a=3, b=4, c=5) }} {{ m() }}
{% macro m(a) %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, k=4) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(zz=2) }}
{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}inner{% endcall %}{% macro l(x) %}{% for i in x %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(i) l(xs) %}[{{ i }}]{% endcall %}
{% macro m() %}{{ later }}{% endmacro %}{% set later = 'set later' %}{{ m() }}
{% macro fact(k) %}{% if k <= 1 %}1{% else %}{{ k * (fact(k - 1) | int) }}{% endif %}{% endmacro %}{{ fact(10) }}
{% macro m() %}  spaced  {% endmacro %}[{{ m() | trim }}] {{ m() | length }} {{ (m() ~ 'x') is string }}
{% filter upper %}abc {{ n }}{% endfilter %} {% filter replace('a', 'b') | upper %}aaa{% endfilter %}
{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}
{% generation %}inside {{ n }}{% endgeneration %}
{% raw %}{{ not evaluated }} {% if %}{% endraw %} after
{# a comment with {{ stuff }} #}text{#- trimmed -#}   more
{{ dict(a=1, b=2) }} {{ dict({'x': 1}, y=2) }} {{ dict([('p', 1)]) }}
{% set l = [] %}{% set _ = l.append(1) %}{% set _ = l.extend([2, 3]) %}{{ l }}{{ l.pop() }}{{ l.pop(0) }}{{ l }}{% set _ = l.insert(0, 9) %}{{ l }}{{ l.index(2) }}{{ l.count(9) }}
{% set q = {'a': 1} %}{% set _ = q.update({'b': 2}) %}{{ q }}{{ q.pop('a') }}{{ q }}{{ q.pop('zz', 'none') }}{% set _ = q.setdefault('c', 3) %}{{ q }}
{{ [].pop() }}
{{ raise_exception('my message') }}
{{ {'a': {'b': {'c': 1}}}.a.b['c'] }} {{ {'a': 1}['a'] }} {{ {'keys': 5}['keys'] }} {{ people[0].name }} {{ people.0.name }} {{ people[0]['tags'][0] }} {{ d.a[2].x }}
{{ s.strip().split(',')[0] | lower | replace('h', 'j') }} {{ (1, 2) | last }} {{ [1, 2][0] }} {{ 'a' if xs else 'b' }} {{ xs and 'full' }} {{ empty or 'e' }}
{{ [] == [] }} {{ {} == {} }} {{ {'a': 1} == {'a': 1.0} }} {{ none == false }} {{ '' == none }} {{ 'a' == 'a' }} {{ 1 != 2 }} {{ true + true }} {{ true and 'x' }} {{ {'a': 1} != {'a': 2} }}
{{ 'a' > 1 }}
{{ none < 1 }}
{{ {} < {} }}
{% if n == 7 and (t or no) and not empty %}yes{% elif n %}maybe{% else %}no{% endif %}
{% if n %}{% else %}{% endif %}-{% if empty %}a{% elif no %}b{% else %}c{% endif %}
{{ n }}{% if true %}
newline after block goes
   {% endif %}
   indented {% if true %} inline {% endif %} end
{{ n -}}   tight
text   {{- n }}   {%- if t %}   x   {%- endif %}   end
    {%+ if t %}kept{% endif +%}
next
{{ "a" ~ 'b' ~ "c" | upper }} {{ ("a" ~ 'b') | upper }} {{ 'a' ~ 1 + 2 }} {{ -3 | abs }} {{ 2 + 3 | string | length }}
{{ xs | map('multiply') | list }}
{{ 5 is divisibleby(0) }}
{{ 'x' * -1 }}| {{ [1] * 0 }} {{ 'é' | upper }} {{ 'ÀB' | lower }} {{ 'a\u00a0b '.strip() }} {{ '\u3000x\u2003'.strip() }}
{{ '<' ~ d.a[2].x ~ '>' }} {{ d.a | tojson }} {{ d | string }}
{{ (1).foo }}|{{ 'abc'.foo }}|{{ xs.foo }}|{{ 'abc'[0] }}|{{ 'abc'['x'] }}|{{ xs['x'] }}
{{ lines }}|{{ lines | trim }}|{{ lines.split('\n') }}|{{ lines | length }}
{%- set ns = namespace(found=false) -%}{%- for p in people if p.age > 26 -%}{%- if not ns.found -%}{{ p.name }}{%- set ns.found = true -%}{%- endif -%}{%- endfor -%}
{% set tool = people[0] %}{% for key, val in tool.items() if key != 'tags' %}{{ key }}={{ val }}{% if not loop.last %}, {% endif %}{% endfor %}
{{ messages is defined }} {{ (messages or []) | length }} {{ d.missing or d.b }} {{ d.b if d.b is defined else 'x' }}
{% for m in people %}{% if loop.index0 > 0 and people[loop.index0 - 1].age != m.age %}|{% endif %}{{ m.name }}{% endfor %}
{{ {'a': 1, **{'b': 2}} }}
{{ xs[1.5] }}
{{ [1,2,3][true] }} {{ 10 // 3.0 }} {{ 7.5 % 2 }} {{ 1e308 * 10 }} {{ 3 == '3' }} {{ 0.1 + 0.7 }} {{ 5e-324 }} {{ 1.7976931348623157e308 }} {{ 9007199254740993.0 }} {{ 1e22 }} {{ 1e21 }} {{ 0.5e-5 }}
{{ 1 if }}
{% if %}x{% endif %}
{% for x in %}{% endfor %}
{% endif %}
{% if t %}unclosed
{{ unclosed
{{ 'unclosed }}
{# unclosed
{% unknowntag %}
{{ a b }}
{{ [1, 2 }}
{{ 1 + }}
{{ (1 }}
{{ x. }}
{% set 1 = 2 %}
{% set a.b.c = 2 %}
{% set notns.x = 2 %}
{% break %}
""".strip("\n").split("\n")

MULTILINE = [
    "  {% if t %}\n    a\n  {% endif %}\nb\n",
    "{% for i in xs %}\n  - {{ i }}\n{% endfor %}\nend\n\n",
    "a\r\nb\rc\n{% if t %}\r\nd{% endif %}\r\n",
    "  {# comment #}\n  x {# c #} y\n{{ n }}\n\n",
    "x\n   {%- if t -%}\n   y\n   {%- endif -%}\n   z",
    "x   {%- if t +%}\n   y\n   {%+ endif %}\n   z",
    "{% raw %}\n  {{ x }}\n  {% endraw %}\n tail",
    "  {%- raw -%}  {{ x }}  {%- endraw -%}  tail",
    "\n\n{{ n }}\n",
    "{{ n }}   {% if t %}  {% endif %}\n   {% if t %}q{% endif %}",
    "\t {% set x = 1 %}\n\t{{ x }}\n",
    "{{\n  n\n  + 1\n}}",
    "{% set x = {\n 'a': [1,\n 2],\n} %}{{ x }}",
    "{% macro m(a,\n b) -%}\n  {{ a }}{{ b }}\n{%- endmacro %}\n{{ m(1,\n2) }}",
]


def main():
    env = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", Generation])
    env.filters["tojson"] = tojson
    env.filters["from_json"] = json.loads
    env.globals["raise_exception"] = raise_exception
    print(json.dumps({"variables": VARIABLES}, ensure_ascii=False))
    for template in TEMPLATES + MULTILINE:
        row = {"template": template}
        try:
            row["expected"] = env.from_string(template).render(**json.loads(json.dumps(VARIABLES)))
        except Exception as error:
            row["error"] = f"{type(error).__name__}: {error}"
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
