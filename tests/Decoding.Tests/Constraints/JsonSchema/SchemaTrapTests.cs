using Connector.Decoding.Constraints;

namespace Connector.Decoding.Tests.Constraints.JsonSchema;

/// <summary>The places where engines go wrong: one schema, texts that it accepts, texts that it refuses.</summary>
public sealed class SchemaTrapTests
{
    private const string Draft4 = "\"$schema\":\"http://json-schema.org/draft-04/schema#\",";
    private const string Draft7 = "\"$schema\":\"http://json-schema.org/draft-07/schema#\",";

    [Theory]
    // Lengths count code points; a surrogate pair escape is one, a lone surrogate none.
    [InlineData("""{"type":"string","maxLength":1}""", new[] { "\"a\"", "\"é\"", "\"😀\"", "\"\\ud83d\\ude00\"", "\"\\n\"", "\"\\u00e9\"" }, new[] { "\"ab\"", "\"😀a\"", "\"\\ud83d\"", "\"\\ude00\"", "\"\n\"" })]
    [InlineData("""{"type":"string","minLength":2,"maxLength":100000}""", new[] { "\"ab\"", "\"\\\"\\\\\"" }, new[] { "\"a\"", "\"\\\"\"" })]
    // Patterns are unanchored, speak of the decoded text, and know ASCII digits only.
    [InlineData("""{"type":"string","pattern":"b"}""", new[] { "\"abc\"", "\"\\u0062\"" }, new[] { "\"ac\"", "\"\\\\u0062\"" })]
    [InlineData("""{"type":"string","pattern":"^\\d+$"}""", new[] { "\"12\"", "\"\\u0031\"" }, new[] { "\"٣\"", "\"1a\"", "\"\"" })]
    [InlineData("""{"type":"string","pattern":"^\\w$"}""", new[] { "\"a\"", "\"_\"" }, new[] { "\"é\"", "\"-\"" })]
    [InlineData("""{"type":"string","pattern":"^\"$"}""", new[] { "\"\\\"\"", "\"\\u0022\"" }, new[] { "\"\"\"", "\"'\"" })]
    [InlineData("""{"type":"string","pattern":"^(?=.*[A-Z])(?=.*[0-9]).{4,6}$"}""", new[] { "\"abC1\"", "\"1Zzzzz\"" }, new[] { "\"abcd\"", "\"A1\"", "\"abcdeF1\"" })]
    // 1.0 is an integer, exponents are numbers.
    [InlineData("""{"type":"integer"}""", new[] { "1", "1.0", "-0", "120" }, new[] { "1.5", "01", "1.", ".5", "+1" })]
    [InlineData("""{"type":"number"}""", new[] { "1", "1.50", "1e5", "-1.5E-7", "0e0" }, new[] { "1e", "e5", "0x1", "-", "NaN" })]
    [InlineData("{" + Draft4 + "\"type\":\"integer\"}", new[] { "1" }, new[] { "1.0" })]
    [InlineData("""{"minimum":-1.5,"maximum":20}""", new[] { "-1.5", "-1.49", "0", "20", "20.0", "9.999", "\"a\"" }, new[] { "-1.51", "-2", "20.01", "21", "100" })]
    [InlineData("""{"type":"number","exclusiveMinimum":0}""", new[] { "0.01", "1e-3", "5" }, new[] { "0", "0.0", "-0", "-1", "0e5" })]
    [InlineData("{" + Draft4 + "\"type\":\"number\",\"minimum\":3,\"exclusiveMinimum\":true}", new[] { "3.1", "4" }, new[] { "3", "3.0", "2" })]
    [InlineData("""{"type":"number","multipleOf":0.01}""", new[] { "1", "1.5", "1.25", "1.250" }, new[] { "1.255" })]
    [InlineData("""{"type":"integer","multipleOf":7}""", new[] { "0", "7", "14", "-21", "7000000000007" }, new[] { "1", "8", "7000000000008" })]
    [InlineData("""{"type":"number","multipleOf":2.5}""", new[] { "5", "2.5", "7.50", "-10" }, new[] { "2.4", "1", "2.55" })]
    [InlineData("""{"not":{"type":"integer"}}""", new[] { "1.5", "\"1\"", "null" }, new[] { "1", "1.0" })]
    // Declared keys are excluded from additionalProperties in every spelling, and nothing else is.
    [InlineData("""{"properties":{"a":{"type":"integer"}},"additionalProperties":{"type":"string"}}""", new[] { "{\"a\":1,\"b\":\"x\"}", "{\"aa\":\"x\"}", "{\"\":\"x\"}", "{\"\\\"\":\"x\"}" }, new[] { "{\"a\":\"x\"}", "{\"\\u0061\":\"x\"}", "{\"b\":1}", "{\"a\":1,\"a\":1}" })]
    [InlineData("""{"type":"object","properties":{"é":{"type":"integer"}},"additionalProperties":false}""", new[] { "{\"é\":1}", "{\"\\u00e9\":1}", "{}" }, new[] { "{\"e\":1}", "{\"é\":1,\"\\u00e9\":2}" })]
    [InlineData("""{"patternProperties":{"^x":{"type":"integer"},"y$":{"minimum":5}},"additionalProperties":false}""", new[] { "{\"xa\":1}", "{\"xy\":5}", "{\"y\":\"s\"}" }, new[] { "{\"xy\":4}", "{\"z\":1}", "{\"xy\":\"s\"}" })]
    [InlineData("""{"propertyNames":{"pattern":"^[a-c]+$","maxLength":2}}""", new[] { "{\"ab\":1}", "{}", "[]" }, new[] { "{\"abc\":1}", "{\"d\":1}" })]
    // $ref makes its siblings void before 2019-09 only.
    [InlineData("{" + Draft7 + "\"definitions\":{\"a\":{\"type\":\"string\"}},\"properties\":{\"x\":{\"$ref\":\"#/definitions/a\",\"maxLength\":1}}}", new[] { "{\"x\":\"ab\"}" }, new[] { "{\"x\":1}" })]
    [InlineData("""{"$defs":{"a":{"type":"string"}},"properties":{"x":{"$ref":"#/$defs/a","maxLength":1}}}""", new[] { "{\"x\":\"a\"}" }, new[] { "{\"x\":\"ab\"}", "{\"x\":1}" })]
    [InlineData("""{"$defs":{"a/b~c d":{"const":1}},"$ref":"#/$defs/a~1b~0c%20d"}""", new[] { "1" }, new[] { "2" })]
    [InlineData("""{"$defs":{"n":{"$anchor":"node","type":"object","properties":{"next":{"$ref":"#node"}},"additionalProperties":false}},"$ref":"#node"}""", new[] { "{\"next\":{\"next\":{}}}" }, new[] { "{\"next\":1}", "{\"nxt\":{}}" })]
    [InlineData("""{"$id":"http://x.y/root.json","$defs":{"a":{"$id":"a.json","type":"integer"}},"items":{"$ref":"a.json"}}""", new[] { "[1,2]" }, new[] { "[\"1\"]" })]
    // Combinators.
    [InlineData("""{"oneOf":[{"required":["a"]},{"required":["b"]}],"properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"additionalProperties":false}""", new[] { "{\"a\":1}", "{\"b\":1}" }, new[] { "{\"a\":1,\"b\":1}", "{}", "null" })]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":2}]}""", new[] { "1", "2.5", "\"\"" }, new[] { "3", "1.5" })]
    [InlineData("""{"anyOf":[{"type":"string","maxLength":2},{"type":"string","pattern":"^x"}]}""", new[] { "\"ab\"", "\"xyz\"" }, new[] { "\"abc\"" })]
    [InlineData("""{"not":{"required":["a"]},"type":"object"}""", new[] { "{}", "{\"b\":1}" }, new[] { "{\"a\":1}" })]
    [InlineData("""{"not":{"properties":{"a":{"type":"integer"}}}}""", new[] { "{\"a\":\"x\"}" }, new[] { "{\"a\":1}", "{}", "1" })]
    [InlineData("""{"not":{"items":{"type":"integer"}}}""", new[] { "[\"x\"]", "[1,\"x\",2]" }, new[] { "[1]", "[]", "1" })]
    [InlineData("""{"not":{"additionalProperties":{"type":"integer"}}}""", new[] { "{\"a\":1,\"b\":\"x\"}" }, new[] { "{\"a\":1}", "{}" })]
    [InlineData("""{"not":{"enum":["a",1,null]}}""", new[] { "\"b\"", "2", "true" }, new[] { "\"a\"", "\"\\u0061\"", "1", "1.0", "null" })]
    [InlineData("{" + Draft7 + "\"if\":{\"properties\":{\"k\":{\"const\":1}},\"required\":[\"k\"]},\"then\":{\"required\":[\"v\"]},\"else\":{\"maxProperties\":1}}", new[] { "{\"k\":1,\"v\":2}", "{\"k\":2}", "{}" }, new[] { "{\"k\":1}", "{\"k\":2,\"v\":1}" })]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", new[] { "{\"b\":1}", "{\"a\":1,\"b\":2}", "{}" }, new[] { "{\"a\":1}" })]
    [InlineData("""{"dependentSchemas":{"a":{"properties":{"b":{"type":"integer"}}}}}""", new[] { "{\"b\":\"x\"}", "{\"b\":2,\"a\":1}" }, new[] { "{\"b\":\"x\",\"a\":1}" })]
    [InlineData("""{"minProperties":2,"maxProperties":3}""", new[] { "{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":2,\"c\":3}" }, new[] { "{\"a\":1}", "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}" })]
    [InlineData("""{"properties":{"a":{"type":"integer"}},"unevaluatedProperties":false,"anyOf":[{"properties":{"b":{"type":"integer"}},"required":["b"]},{"properties":{"c":{"type":"integer"}}}]}""", new[] { "{\"a\":1,\"b\":2}", "{\"b\":1,\"c\":1}", "{}" }, new[] { "{\"d\":1}", "{\"a\":1,\"b\":2,\"d\":1}" })]
    // What a schema has evaluated that does not hold, or that stands under not, counts for nothing.
    [InlineData("""{"oneOf":[{"properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"b":{"type":"integer"}},"required":["b"]}],"unevaluatedProperties":false}""", new[] { "{\"a\":1}", "{\"b\":1}" }, new[] { "{\"a\":1,\"b\":\"x\"}", "{\"a\":1,\"b\":1}", "{\"a\":1,\"c\":1}", "{}" })]
    [InlineData("""{"not":{"properties":{"a":{"const":1}}},"unevaluatedProperties":{"type":"integer"}}""", new[] { "{\"a\":2}", "{\"a\":2,\"b\":3}" }, new[] { "{\"a\":1}", "{\"a\":\"x\"}", "{\"b\":3}" })]
    [InlineData("""{"not":{"not":{"properties":{"a":{"const":1}}}},"unevaluatedProperties":false}""", new[] { "{}" }, new[] { "{\"a\":1}", "{\"a\":2}" })]
    [InlineData("""{"if":{"properties":{"a":{"const":1}},"required":["a"]},"else":{"properties":{"b":true}},"unevaluatedProperties":false}""", new[] { "{\"a\":1}", "{\"b\":1}", "{}" }, new[] { "{\"a\":2}", "{\"a\":2,\"b\":1}", "{\"a\":1,\"b\":1}" })]
    [InlineData("""{"dependentSchemas":{"c":{"properties":{"b":{"type":"integer"},"c":true}}},"unevaluatedProperties":false}""", new[] { "{}", "{\"b\":1,\"c\":1}", "{\"c\":1}" }, new[] { "{\"b\":1}", "{\"b\":\"x\",\"c\":1}", "{\"c\":1,\"d\":1}" })]
    [InlineData("""{"dependentSchemas":{"c":{"prefixItems":[{"type":"integer"}]}},"unevaluatedItems":false}""", new[] { "[]", "{\"c\":1}" }, new[] { "[1]" })]
    [InlineData("""{"not":{"prefixItems":[{"const":1}]},"unevaluatedItems":{"type":"integer"}}""", new[] { "[2]", "[2,3]" }, new[] { "[1]", "[\"x\"]", "[]" })]
    // Arrays.
    [InlineData("""{"prefixItems":[{"type":"integer"},{"type":"string"}],"items":false}""", new[] { "[]", "[1]", "[1,\"a\"]" }, new[] { "[1,\"a\",2]", "[\"a\"]" })]
    [InlineData("{" + Draft7 + "\"items\":[{\"type\":\"integer\"}],\"additionalItems\":{\"type\":\"string\"}}", new[] { "[1,\"a\",\"b\"]" }, new[] { "[1,2]" })]
    [InlineData("""{"contains":{"type":"integer"},"minContains":2,"maxContains":3}""", new[] { "[1,\"a\",2]", "[1,2,3]" }, new[] { "[1,\"a\"]", "[1,2,3,4]", "[]" })]
    [InlineData("""{"type":"array","minItems":2,"maxItems":1000000}""", new[] { "[1,2]", "[1,2,3]" }, new[] { "[1]", "[]" })]
    [InlineData("""{"type":"array","items":{"type":"integer"},"uniqueItems":true,"maxItems":1}""", new[] { "[1]", "[]" }, new[] { "[1,1]" })]
    // Enumerated values.
    [InlineData("""{"enum":[1,"a",null,{"a":[1,{"b":2}]},[1,2]]}""", new[] { "1", "1.0", "\"a\"", "null", "{\"a\":[1,{\"b\":2}]}", "[1, 2]" }, new[] { "2", "\"b\"", "{\"a\":[1]}", "[2,1]", "{\"a\":[1,{\"b\":2}],\"c\":1}" })]
    [InlineData("""{"const":"a\"b\\"}""", new[] { "\"a\\\"b\\\\\"" }, new[] { "\"ab\"" })]
    [InlineData("true", new[] { "1", "{\"a\": [null, {}]}" }, new[] { "", "{", "nul" })]
    public void Accepts_exactly(string schema, string[] accepted, string[] refused)
    {
        var constraint = SchemaTester.Compile(schema);
        Assert.All(accepted, text => Assert.True(constraint.Accepts(text), text));
        Assert.All(refused, text => Assert.False(constraint.Accepts(text), text));
        Assert.Empty(constraint.Unenforced);
    }

    [Fact]
    public void White_space_is_at_most_one_space_at_each_place()
    {
        const string Schema = """{"type":"object","properties":{"a":{"type":"array","items":{"type":"integer"}}}}""";
        foreach (var text in new[] { "{\"a\":[1,2]}", "{\"a\": [1, 2]}", "{ \"a\" : [ 1 , 2 ] }", "{}" })
        {
            Assert.True(SchemaTester.Accepts(Schema, text), text);
        }

        foreach (var text in new[] { " {}", "{} ", "{  }", "{\"a\":  []}", "{\n\"a\":[]}" })
        {
            Assert.False(SchemaTester.Accepts(Schema, text), text);
        }

        Assert.False(SchemaTester.Accepts(Schema, "{\"a\": []}", new JsonSchemaOptions { Whitespace = JsonWhitespace.None }));
        Assert.True(SchemaTester.Accepts(Schema, "{\n  \"a\": [\n    1\n  ]\n}", new JsonSchemaOptions { Whitespace = JsonWhitespace.Indented }));
    }

    [Fact]
    public void Properties_come_in_declared_order_or_in_any()
    {
        const string Schema = """{"type":"object","properties":{"a":{},"b":{},"c":{}},"required":["c"]}""";
        var any = new JsonSchemaOptions { PropertyOrder = PropertyOrder.Any };
        foreach (var (text, declared) in new[] { ("{\"a\":1,\"c\":2}", true), ("{\"c\":1,\"a\":2}", false), ("{\"c\":1,\"x\":2}", true), ("{\"x\":1,\"c\":2,\"b\":3}", false) })
        {
            Assert.Equal(declared, SchemaTester.Accepts(Schema, text));
            Assert.True(SchemaTester.Accepts(Schema, text, any), text);
        }

        Assert.False(SchemaTester.Accepts(Schema, "{\"c\":1,\"c\":2}", any));
        Assert.False(SchemaTester.Accepts(Schema, "{\"a\":1}", any));
    }

    [Theory]
    [InlineData("""{"oneOf":[{"required":["a"]},{"required":["b"]}],"properties":{"a":{},"b":{},"c":{}},"additionalProperties":false}""", new[] { "{\"c\":1,\"a\":1}", "{\"b\":1,\"c\":1}" }, new[] { "{\"c\":1}", "{\"b\":1,\"a\":1}" })]
    [InlineData("""{"dependencies":{"a":["b"]},"properties":{"a":{},"b":{}},"additionalProperties":false}""", new[] { "{\"b\":1,\"a\":1}", "{\"a\":1,\"b\":1}", "{\"b\":1}", "{}" }, new[] { "{\"a\":1}" })]
    [InlineData("""{"properties":{"a":{},"b":{},"c":{}},"required":["a"],"maxProperties":2}""", new[] { "{\"b\":1,\"a\":1}", "{\"x\":1,\"a\":1}" }, new[] { "{\"b\":1,\"c\":1}", "{\"a\":1,\"b\":1,\"c\":1}" })]
    public void Presence_holds_in_any_order(string schema, string[] accepted, string[] refused)
    {
        var constraint = SchemaTester.Compile(schema, new JsonSchemaOptions { PropertyOrder = PropertyOrder.Any });
        Assert.All(accepted, text => Assert.True(constraint.Accepts(text), text));
        Assert.All(refused, text => Assert.False(constraint.Accepts(text), text));
    }
}
