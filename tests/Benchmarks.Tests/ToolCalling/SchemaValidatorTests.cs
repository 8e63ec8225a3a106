using System.Text.Json;
using Connector.Benchmarks.ToolCalling.Checks;

namespace Connector.Benchmarks.Tests.ToolCalling;

public sealed class SchemaValidatorTests
{
    [Theory]
    [InlineData("""{"type":"integer"}""", "1.0", true)]
    [InlineData("""{"type":"integer"}""", "1.5", false)]
    [InlineData("""{"type":["string","null"]}""", "null", true)]
    [InlineData("""{"type":["string","null"]}""", "0", false)]
    [InlineData("""{"enum":["a",null,7]}""", "7.0", true)]
    [InlineData("""{"enum":["a",null,7]}""", "\"7\"", false)]
    [InlineData("""{"const":{"a":1,"b":2}}""", """{"b":2,"a":1}""", true)]
    [InlineData("""{"properties":{"a":{"type":"string"}},"required":["a"]}""", """{"a":"x","b":1}""", true)]
    [InlineData("""{"properties":{"a":{"type":"string"}},"required":["a"]}""", """{"b":1}""", false)]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":false}""", """{"a":1,"b":1}""", false)]
    [InlineData("""{"additionalProperties":{"type":"integer"}}""", """{"b":"1"}""", false)]
    [InlineData("""{"items":{"type":"integer"},"minItems":1,"maxItems":2}""", "[1,2]", true)]
    [InlineData("""{"items":{"type":"integer"},"minItems":1,"maxItems":2}""", "[]", false)]
    [InlineData("""{"items":{"type":"integer"},"minItems":1,"maxItems":2}""", "[1,2,3]", false)]
    [InlineData("""{"maxLength":1}""", "\"🙂\"", true)]
    [InlineData("""{"minLength":2}""", "\"🙂\"", false)]
    [InlineData("""{"pattern":"^[A-Z]{2,3}-[0-9]{1,4}$"}""", "\"AB-12\"", true)]
    [InlineData("""{"pattern":"^[A-Z]{2,3}-[0-9]{1,4}$"}""", "\"ab-12\"", false)]
    [InlineData("""{"format":"date"}""", "\"2024-02-30\"", false)]
    [InlineData("""{"minimum":-2,"exclusiveMaximum":3}""", "-2", true)]
    [InlineData("""{"minimum":-2,"exclusiveMaximum":3}""", "3", false)]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"integer"}]}""", "true", false)]
    [InlineData("""{"oneOf":[{"type":"number"},{"type":"integer"}]}""", "1", false)]
    [InlineData("""{"allOf":[{"type":"number"},{"minimum":2}]}""", "1", false)]
    [InlineData("true", "1", true)]
    [InlineData("false", "1", false)]
    public void Says_whether_a_value_fits(string schema, string value, bool fits) =>
        Assert.Equal(fits, SchemaValidator.Fault(Json(schema), Json(value)) is null);

    [Fact]
    public void Names_the_place()
    {
        var fault = SchemaValidator.Fault(Json("""{"properties":{"a":{"items":{"type":"string"}}}}"""), Json("""{"a":["x",1]}"""));
        Assert.Equal("$.a[1] is no string", fault);
    }

    [Fact]
    public void A_keyword_it_does_not_know_is_an_error()
    {
        var error = Assert.Throws<NotSupportedException>(() => SchemaValidator.Fault(Json("""{"uniqueItems":true}"""), Json("[]")));
        Assert.Contains("uniqueItems", error.Message, StringComparison.Ordinal);
    }

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
