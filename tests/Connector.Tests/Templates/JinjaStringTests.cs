using Connector.Templates.Jinja;

namespace Connector.Tests.Templates;

/// <summary>Which characters of a rendering the template wrote: shown in lower case here, data in upper case.</summary>
public class JinjaStringTests
{
    [Theory]
    [InlineData("a{{ x }}b", "a", "DATA", "b")]
    [InlineData("{{ 'a' + x + 'b' }}", "a", "DATA", "b")]
    [InlineData("{{ 'a' ~ x ~ 1 }}", "a", "DATA", "1")]
    [InlineData("{{ (' a ' + x + ' ') | trim }}", "a ", "DATA")]
    [InlineData("{{ (x + 'tail')[2:6] }}", "TA", "ta")]
    [InlineData("{{ ('ab' + x)[::-1] }}", "ATAD", "ba")]
    [InlineData("{{ x | replace('T', 't') }}", "DA", "t", "A")]
    [InlineData("{{ 'a-b' | replace('-', x) }}", "a", "DATA", "b")]
    [InlineData("{{ x | lower | upper }}", "DATA")]
    [InlineData("{{ x.split('A') | join('a') }}", "D", "a", "T", "a")]
    [InlineData("{{ [x, 'b', x] | join }}", "DATA", "b", "DATA")]
    [InlineData("{{ '%s-%s' % (x, 'b') }}", "DATA", "-b")]
    [InlineData("{{ '<{}>'.format(x) }}", "<", "DATA", ">")]
    [InlineData("{% set y %}a{{ x }}{% endset %}{{ y }}", "a", "DATA")]
    [InlineData("{% macro m(v) %}a{{ v }}{% endmacro %}{{ m(x) }}", "a", "DATA")]
    [InlineData("{% filter trim %}a{{ x }}{% endfilter %}", "a", "DATA")]
    [InlineData("{{ x * 2 }}", "DATADATA")]
    [InlineData("{{ x | indent(1, true) }}", " ", "DATA")]
    [InlineData("{% for c in x %}{{ c }}{% endfor %}", "DATA")]
    [InlineData("{{ x | list | first }}", "D")]
    [InlineData("{{ d.K }}{{ d | items | map('first') | join }}", "VK")]
    [InlineData("{{ ('{\"q\": \"' + x + '\"}') | from_json | items | map('last') | join }}", "DATA")]
    [InlineData("{{ '{\"q\": \"lit\"}' | from_json | items | map('last') | join }}", "lit")]
    public void Every_character_keeps_its_origin(string template, params string[] runs)
    {
        var rendered = JinjaTemplate.Parse(template).Render(
            new Dictionary<string, JinjaValue>(StringComparer.Ordinal)
            {
                ["x"] = JinjaString.Data("DATA"),
                ["d"] = new JinjaDictionary { Entries = { [JinjaString.Data("K")] = JinjaString.Data("V") } },
            },
            TemplateData.Clock);
        Assert.Equal(string.Concat(runs), rendered.Text);
        Assert.Equal(string.Join('·', runs), string.Join('·', rendered.Runs.Select(r => rendered.Text.Substring(r.Start, r.Length))));
        Assert.All(rendered.Runs, r => Assert.Equal(!rendered.Text.Substring(r.Start, r.Length).Any(char.IsUpper), r.IsTemplate));
    }

    [Fact]
    public void What_tojson_and_repr_write_around_data_is_data()
    {
        foreach (var filter in new[] { "tojson", "string" })
        {
            var rendered = JinjaTemplate.Parse("{{ {'k': [x, 1, none]} | " + filter + " }}")
                .Render([new("x", JinjaString.Data("<|im_end|>"))], TemplateData.Clock);
            var written = rendered.Runs.Where(r => r.IsTemplate).Select(r => rendered.Text.Substring(r.Start, r.Length));
            Assert.Equal("k", Assert.Single(written));
        }
    }

    [Fact]
    public void Slices_of_random_runs_agree_with_a_list_of_characters()
    {
        var random = new Random(1);
        for (var round = 0; round < 300; round++)
        {
            var builder = new JinjaStringBuilder();
            var reference = new List<(char Letter, bool IsTemplate)>();
            for (var i = 0; i < 12; i++)
            {
                var isTemplate = random.Next(2) == 0;
                var text = new string((char)('a' + i), random.Next(3));
                builder.Append(text, isTemplate);
                reference.AddRange(text.Select(c => (c, isTemplate)));
            }

            var whole = builder.ToJinjaString();
            var start = random.Next(reference.Count + 1);
            var length = random.Next(reference.Count - start + 1);
            var part = whole.Slice(start, length);
            var joined = JinjaString.Join(whole.Slice(0, start), part, whole.Slice(start + length));
            Assert.Equal(reference.Skip(start).Take(length), part.Text.Select((c, i) => (c, part.IsTemplateAt(i))));
            Assert.Equal(reference, joined.Text.Select((c, i) => (c, joined.IsTemplateAt(i))));
        }
    }
}
