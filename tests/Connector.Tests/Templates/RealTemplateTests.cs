using Connector.Templates;
using Connector.Templates.Jinja;

namespace Connector.Tests.Templates;

/// <summary>42 real templates × 8 conversations, against what Python's jinja2 makes of them.</summary>
public class RealTemplateTests
{
    public static TheoryData<string> Names => [.. TemplateData.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Renders_as_Python_does(string name)
    {
        var template = JinjaTemplate.Parse(TemplateData.Template(name));
        var rows = TemplateData.Expected().Where(row => row.GetProperty("template").GetString() == name).ToList();
        Assert.Equal(8, rows.Count);
        foreach (var row in rows)
        {
            var conversation = row.GetProperty("case").GetString()!;
            JinjaString Render() => template.Render(TemplateData.Variables(conversation), TemplateData.Clock);
            if (row.TryGetProperty("expected", out var expected))
            {
                Assert.Equal((conversation, expected.GetString()), (conversation, Render().Text));
            }
            else
            {
                Assert.Throws<ChatTemplateException>(Render);
            }
        }
    }

    [Fact]
    public void There_are_42_templates() => Assert.Equal(42, TemplateData.Names.Count);
}
