using System.Text.Json;
using Connector.Tools.Constraints;

namespace Connector.Tests.Tools;

public class ClosedSchemaTests
{
    private const string Closed = "\"additionalProperties\":false";

    [Theory]
    [InlineData("""{"properties":{"a":{}}}""", 1)]
    [InlineData("""{"properties":{"a":{"type":"object","properties":{"b":{}}}}}""", 2)]
    [InlineData("""{"type":"array","items":{"properties":{"a":{}}}}""", 1)]
    [InlineData("""{"$ref":"#/$defs/x","$defs":{"x":{"properties":{"a":{}}}}}""", 1)]
    [InlineData("""{"anyOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]}""", 2)]
    [InlineData("""{"properties":{"c":{}},"anyOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]}""", 0)]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":{"type":"string"}}""", 0)]
    [InlineData("""{"type":"object"}""", 0)]
    [InlineData("""{"allOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]}""", 0)]
    [InlineData("true", 0)]
    public void Only_objects_that_say_nothing_of_others_are_closed(string schema, int closed) =>
        Assert.Equal(closed, ClosedSchema.Of(JsonElement.Parse(schema)).GetRawText().Split(Closed).Length - 1);
}
