using Connector.Templates;
using Connector.Templates.Jinja;

namespace Connector.Tests.Templates;

/// <summary>A template comes with a model file: it may waste time or memory on purpose, or be broken.</summary>
public class HostileTemplateTests
{
    private static readonly TemplateLimits s_limits = new() { Steps = 200_000, Characters = 1_000_000, Depth = 300 };

    [Theory]
    [InlineData("{% for i in range(2000000000) %}{% endfor %}")]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}")]
    [InlineData("{{ range(2000000000) | list }}")]
    [InlineData("{{ 'x' * 2000000000 }}")]
    [InlineData("{{ [1] * 2000000000 }}")]
    [InlineData("{{ '%0999999999d' % 1 }}")]
    [InlineData("{{ '{:>999999999}'.format('x') }}")]
    [InlineData("{{ 'x'.ljust(2000000000) }}")]
    [InlineData("{{ 'x' | center(2000000000) }}")]
    [InlineData("{{ '1'.zfill(2000000000) }}")]
    [InlineData("{{ 10 ** 99999 }}")]
    [InlineData("{% set ns = namespace(x=2) %}{% for i in range(100) %}{% set ns.x = ns.x * ns.x %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s='x') %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = ns.l + ns.l %}{% endfor %}{{ ns.l | length }}")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{% set l = [] %}{% set _ = l.append(l) %}{{ l }}")]
    [InlineData("{% set l = [] %}{% set _ = l.append(l) %}{{ l | tojson }}")]
    [InlineData("{% set a = [] %}{% set _ = a.append(a) %}{% set b = [] %}{% set _ = b.append(b) %}{{ a == b }}")]
    [InlineData("{{ ('x' * 100000) | replace('x', 'y' * 100000) }}")]
    [InlineData("{% set s = 'x' * 500000 %}{% for i in range(5000) %}{% set t = s | upper %}{% endfor %}")]
    [InlineData("{% set s = 'x' * 500000 %}{% for i in range(5000) %}{% set t = s.strip('y') == s %}{% endfor %}")]
    [InlineData("{% set s = 'x' * 500000 %}{% for i in range(5000) %}{% set t = 'y' in s %}{% endfor %}")]
    [InlineData("{{ [1, 2] | batch(2000000000, 0) | list }}")]
    [InlineData("{{ [1, 2] | slice(2000000000) | list }}")]
    [InlineData("{{ ([1] * 1000) | tojson(indent=100) | length }}{% for i in range(100) %}{{ ([[[[[1]]]]] * 1000) | tojson(indent=100) | length }}{% endfor %}")]
    public void Waste_ends_with_an_error(string template) =>
        Assert.Throws<ChatTemplateException>(() => JinjaTemplate.Parse(template).Render([], TemplateData.Clock, s_limits));

    [Theory]
    [InlineData("((((", "))))", 400)]
    [InlineData("[", "]", 5000)]
    [InlineData("-", "", 5000)]
    [InlineData("not ", "", 5000)]
    public void Deep_expressions_end_with_an_error_or_a_value(string open, string close, int depth)
    {
        var template = "{{ " + string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth)) + " }}";
        Assert.Throws<ChatTemplateException>(() => JinjaTemplate.Parse(template).Render([], TemplateData.Clock, s_limits));
    }

    [Fact]
    public void Deep_blocks_and_long_chains_end_with_an_error()
    {
        var blocks = string.Concat(Enumerable.Repeat("{% if 1 %}", 10_000));
        Assert.Throws<ChatTemplateException>(() => JinjaTemplate.Parse(blocks));
        var chain = "{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 100_000)) + " }}";
        Assert.Throws<ChatTemplateException>(() => JinjaTemplate.Parse(chain).Render([], TemplateData.Clock));
    }

    [Theory]
    [InlineData("line one\n  {{ 1 + }}", 2, 10)]
    [InlineData("{% if x %}\n{% elif %}\n{% endif %}", 2, 9)]
    [InlineData("ok\n{{ missing.name }}", 2, 11)]
    [InlineData("ok\n\n  {% for x in 5 %}{% endfor %}", 3, 6)]
    [InlineData("{{ raise_exception('no') }}", 1, 19)]
    [InlineData("{{ 'a' | nosuch }}", 1, 10)]
    [InlineData("{% if x %}", 1, 4)]
    public void Errors_tell_line_and_column(string template, int line, int column)
    {
        var error = Assert.Throws<ChatTemplateException>(() => JinjaTemplate.Parse(template).Render([], TemplateData.Clock));
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Contains($"line {line}, column {column}", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Real templates with characters changed, lost and doubled: an error or a text, nothing else.</summary>
    [Fact]
    public void Damaged_templates_never_fail_in_another_way()
    {
        var random = new Random(7);
        foreach (var name in TemplateData.Names)
        {
            var whole = TemplateData.Template(name);
            for (var round = 0; round < 12; round++)
            {
                var damaged = whole;
                for (var i = 0; i < 3; i++)
                {
                    var at = random.Next(damaged.Length);
                    damaged = random.Next(3) switch
                    {
                        0 => damaged.Remove(at, Math.Min(random.Next(1, 9), damaged.Length - at)),
                        1 => damaged.Insert(at, whole.Substring(random.Next(whole.Length - 20), random.Next(20))),
                        _ => damaged[..at],
                    };
                }

                try
                {
                    JinjaTemplate.Parse(damaged).Render(TemplateData.Variables("tool_result"), TemplateData.Clock, s_limits);
                }
                catch (ChatTemplateException)
                {
                    // An error with a place is all that a broken template may cause.
                }
            }
        }
    }
}
