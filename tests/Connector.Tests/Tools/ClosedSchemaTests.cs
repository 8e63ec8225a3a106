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
    [InlineData("""{"properties":{"a":{}},"minProperties":2}""", 0)]
    [InlineData("""{"type":"object"}""", 0)]
    [InlineData("""{"allOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]}""", 0)]
    [InlineData("true", 0)]
    public void Only_objects_that_say_nothing_of_others_are_closed(string schema, int closed) =>
        Assert.Equal(closed, ClosedSchema.Of(JsonElement.Parse(schema)).GetRawText().Split(Closed).Length - 1);

    [Theory]
    [InlineData("""{"properties":{"a":{}}}""", 0, ClosedSchema.MaxUndeclared)]
    [InlineData("""{"properties":{"a":{"properties":{"b":{}}}}}""", 1, ClosedSchema.MaxUndeclared)]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":false}""", 1, 0)]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":true}""", 0, int.MaxValue)]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":{"type":"string"}}""", 0, int.MaxValue)]
    [InlineData("""{"properties":{"a":{}},"minProperties":7}""", 0, int.MaxValue)]
    [InlineData("""{"properties":{}}""", 0, int.MaxValue)]
    [InlineData("""{"type":"object"}""", 0, int.MaxValue)]
    [InlineData("""{"allOf":[{"properties":{"a":{}}}],"properties":{"b":{}}}""", 0, int.MaxValue)]
    [InlineData("true", 0, int.MaxValue)]
    public void Arguments_may_have_a_few_others_unless_the_tool_says_how_many(string schema, int closed, int undeclared)
    {
        Assert.Equal(closed, ClosedSchema.OfArguments(JsonElement.Parse(schema)).GetRawText().Split(Closed).Length - 1);
        Assert.Equal(undeclared, ClosedSchema.UndeclaredAtRoot(JsonElement.Parse(schema)));
    }
}
