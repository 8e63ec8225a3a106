using System.Text.Json;
using System.Text.Json.Nodes;
using Connector.Benchmarks.ToolCalling.Checks;

namespace Connector.Benchmarks.Tests.ToolCalling;

public sealed class CanonicalJsonTests
{
    [Fact]
    public void Escapes_only_what_must_be()
    {
        var node = new JsonObject { ["emoji 🙂"] = new JsonArray("größer > \"5\"\n\u0001", 1.5, null, true) };
        Assert.Equal("""{"emoji 🙂": ["größer > \"5\"\n\u0001", 1.5, null, true]}""", CanonicalJson.Text(node));
        Assert.True(JsonNode.DeepEquals(node, JsonNode.Parse(CanonicalJson.Text(node))));
    }

    [Fact]
    public void Properties_come_in_the_order_of_the_schema_and_undeclared_ones_last()
    {
        using var schema = JsonDocument.Parse("""{"properties": {"a": {}, "b": {"items": {"properties": {"x": {}, "y": {}}}}}}""");
        using var value = JsonDocument.Parse("""{"z": null, "b": [{"y": 1, "x": 2.0}], "a": "🙂"}""");
        var arranged = SchemaOrder.Arrange(schema.RootElement, value.RootElement);
        Assert.Equal("""{"a": "🙂", "b": [{"x": 2.0, "y": 1}], "z": null}""", arranged.GetRawText());
    }
}
