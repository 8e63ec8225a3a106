using System.Text;
using System.Text.Json;
using Connector.Templates;
using Connector.Templates.Jinja;

namespace Connector.Tests.Templates;

/// <summary>Small templates against what Python's jinja2 makes of them (Data/expressions.py wrote the file).</summary>
public class ExpressionTests
{
    [Fact]
    public void Every_expression_renders_as_in_Python()
    {
        var rows = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Templates", "Data", "expressions.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var variables = rows[0].GetProperty("variables");
        var wrong = new StringBuilder();
        foreach (var row in rows.Skip(1))
        {
            var template = row.GetProperty("template").GetString()!;
            var expected = row.TryGetProperty("expected", out var text) ? text.GetString()! : "ERROR";
            var actual = Render(template, variables);
            if (expected != (expected == "ERROR" ? actual.Split(':')[0] : actual))
            {
                wrong.AppendLine($"{template}\n  expected {JsonSerializer.Serialize(expected)}\n  actual   {JsonSerializer.Serialize(actual)}");
            }
        }

        Assert.True(rows.Count > 150);
        Assert.True(wrong.Length == 0, wrong.ToString());
    }

    private static string Render(string template, JsonElement variables)
    {
        try
        {
            var values = variables.EnumerateObject().ToDictionary(p => p.Name, p => JsonText.FromJson(p.Value), StringComparer.Ordinal);
            return JinjaTemplate.Parse(template).Render(values, TemplateData.Clock).Text;
        }
        catch (ChatTemplateException e)
        {
            return "ERROR: " + e.Message;
        }
    }
}
