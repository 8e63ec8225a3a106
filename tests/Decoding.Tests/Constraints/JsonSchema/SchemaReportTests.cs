using System.Text.Json;
using Connector.Decoding.Constraints;
using Connector.Decoding.Constraints.JsonSchema;
using Connector.Decoding.Constraints.Patterns;
using Connector.TestSupport;

namespace Connector.Decoding.Tests.Constraints.JsonSchema;

/// <summary>Each keyword ends enforced, named, or as an error.</summary>
public sealed class SchemaReportTests
{
    [Theory]
    [InlineData("""{"properties":{"a":{"type":"array","uniqueItems":true}}}""", "/properties/a", "uniqueItems")]
    [InlineData("""{"items":{"type":"string","format":"color"}}""", "/items", "format")]
    [InlineData("""{"type":"string","pattern":"(a)\\1"}""", "", "pattern")]
    [InlineData("""{"type":"string","pattern":"(?<=a)b"}""", "", "pattern")]
    [InlineData("""{"type":"object","required":"a"}""", "", "required")]
    public void What_is_not_enforced_is_named_and_an_error_where_strict(string schema, string path, string keyword)
    {
        var unenforced = Assert.Single(SchemaTester.Compile(schema).Unenforced);
        Assert.Equal((path, keyword), (unenforced.Path, unenforced.Keyword));
        var error = Assert.Throws<UnsupportedSchemaException>(() => SchemaTester.Compile(schema, new JsonSchemaOptions { Strict = true }));
        Assert.Equal((path, keyword), (error.Path, error.Keyword));
        Assert.Contains(keyword, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string, string> TooManyCases()
    {
        var nine = "{\"anyOf\":[" + string.Join(',', Enumerable.Range(1, 9).Select(i => $"{{\"properties\":{{\"p{i}\":{{\"const\":1}}}},\"required\":[\"p{i}\"]}}")) + "]}";
        var rows = "{\"anyOf\":[" + string.Join(',', Enumerable.Range(1, 9).Select(i => $"{{\"prefixItems\":[{string.Concat(Enumerable.Repeat("{},", i))}{{\"const\":1}}],\"minItems\":{i + 1},\"maxItems\":{i + 20}}}")) + "]}";
        string Pairs(string x, string y) => "{\"anyOf\":[" + string.Join(',', Enumerable.Range(1, 15).Select(i => $"{{\"properties\":{{\"{x}\":{{\"const\":{i}}},\"{y}\":{{\"const\":{i}}}}}}}")) + "]}";
        return new TheoryData<string, string, string, string>
        {
            { $"{{\"not\":{nine}}}", "", "not", "{\"q\":1}" },
            { $"{{\"not\":{rows}}}", "", "not", "[]" },
            { $"{{\"if\":{nine},\"then\":{{\"required\":[\"q\"]}}}}", "", "if", "{\"p9\":1,\"q\":1}" },
            { $"{{\"not\":{{\"not\":{nine}}}}}", "/not", "not", "{\"p9\":1}" },
            { $"{{\"properties\":{{\"a\":{{\"minProperties\":1,\"not\":{nine}}}}}}}", "/properties/a", "not", "{\"a\":{\"q\":1}}" },
            { $"{{\"type\":\"object\",\"required\":[\"a\"],\"not\":{{\"properties\":{{\"a\":{nine}}}}}}}", "/not/properties/a", "anyOf", "{\"a\":{\"q\":1}}" },
            { $"{{\"allOf\":[{Pairs("a", "b")},{Pairs("c", "d")}]}}", "/allOf/1", "anyOf", "{\"a\":1,\"b\":1,\"c\":2,\"d\":2}" },
        };
    }

    /// <summary>Beyond the limit a keyword is named, and what is valid stays valid.</summary>
    [Theory]
    [MemberData(nameof(TooManyCases))]
    public void A_keyword_that_takes_too_many_cases_is_named(string schema, string path, string keyword, string valid)
    {
        var constraint = SchemaTester.Compile(schema);
        var unenforced = Assert.Single(constraint.Unenforced);
        Assert.Equal((path, keyword), (unenforced.Path, unenforced.Keyword));
        Assert.True(constraint.Accepts(valid));
        var error = Assert.Throws<UnsupportedSchemaException>(() => SchemaTester.Compile(schema, new JsonSchemaOptions { Strict = true, Fuel = 4_000_000 }));
        Assert.Equal((path, keyword), (error.Path, error.Keyword));
    }

    /// <summary>A keyword that takes many cases and leaves none of them out is not named.</summary>
    [Fact]
    public void Many_cases_that_are_all_kept_are_enforced()
    {
        var names = Enumerable.Range(0, 300).Select(i => $"\"p{i}\":{{\"const\":{i}}}");
        var constraint = SchemaTester.Compile($"{{\"not\":{{\"properties\":{{{string.Join(',', names)}}}}}}}");
        Assert.Empty(constraint.Unenforced);
        Assert.True(constraint.Accepts("{\"p299\":1}"));
        Assert.False(constraint.Accepts("{\"p299\":299}"));
    }

    [Theory]
    [InlineData("""{"$ref":"#/definitions/none"}""", "$ref")]
    [InlineData("""{"$ref":"#none"}""", "$ref")]
    [InlineData("""{"$ref":"http://elsewhere/x.json"}""", "$ref")]
    [InlineData("""{"properties":{"a":{"$ref":"#/~2"}}}""", "$ref")]
    [InlineData("""{"$ref":"#"}""", "$ref")]
    [InlineData("""{"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"$ref":"#/$defs/a"}}}""", "$ref")]
    [InlineData("""{"properties":{"a":5}}""", "")]
    [InlineData("[]", "")]
    [InlineData("\"x\"", "")]
    public void What_cannot_be_compiled_is_an_error_that_names_the_keyword(string schema, string keyword)
    {
        var error = Assert.Throws<UnsupportedSchemaException>(() => SchemaTester.Compile(schema));
        Assert.Equal(keyword, error.Keyword);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("""{"type":"string","minLength":3,"maxLength":2}""")]
    [InlineData("""{"allOf":[{"type":"string"},{"type":"integer"}]}""")]
    [InlineData("""{"type":"object","required":["a"],"properties":{"a":false}}""")]
    [InlineData("""{"type":"object","required":["a"],"properties":{"a":{"$ref":"#"}}}""")]
    [InlineData("""{"type":"array","minItems":1,"items":{"enum":[]}}""")]
    [InlineData("""{"type":"string","pattern":"^a$","not":{"pattern":"a"}}""")]
    [InlineData("""{"not":{"properties":{"a":{"const":1}}},"unevaluatedProperties":false}""")]
    public void What_accepts_nothing_is_an_error(string schema) =>
        Assert.Throws<UnsatisfiableConstraintException>(() => SchemaTester.Compile(schema));

    public static TheoryData<string, string> Hostile()
    {
        var nested = string.Concat(Enumerable.Repeat("{\"not\":", 1500)) + "{}" + new string('}', 1500);
        var overlapping = "{\"oneOf\":[" + string.Join(',', Enumerable.Range(0, 60).Select(i =>
            $"{{\"properties\":{{{string.Join(',', Enumerable.Range(0, 60).Where(j => j != i).Select(j => $"\"p{j}\":{{\"minimum\":{i * j % 17}}}"))}}}}}")) + "]}";
        var product = "{\"allOf\":[" + string.Join(',', Enumerable.Range(0, 40).Select(i =>
            $"{{\"anyOf\":[{{\"properties\":{{\"a{i}\":{{\"const\":1}},\"b{i}\":{{\"const\":1}}}}}},{{\"properties\":{{\"a{i}\":{{\"const\":2}},\"b{i}\":{{\"const\":2}}}}}}]}}")) + "]}";
        var values = "{\"enum\":[" + string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"value {i * 7919 % 100_003}\"")) + "]}";
        return new TheoryData<string, string>
        {
            { "deep nesting", nested },
            { "overlapping oneOf", overlapping },
            { "product of choices", product },
            { "huge enum", values },
            { "catastrophic pattern", """{"type":"string","pattern":"^(((a+)+)+)+$","minLength":1000}""" },
            { "exponential pattern", """{"type":"string","pattern":"(a|b)*a(a|b){20}","allOf":[{"pattern":"(a|b)*b(a|b){20}"}]}""" },
            { "counted loops in counted loops", """{"type":"string","pattern":"^((a{1,1000}){1,1000}){1,1000}$"}""" },
            { "pattern properties", "{\"patternProperties\":{" + string.Join(',', Enumerable.Range(0, 40).Select(i => $"\"{(char)('a' + (i % 26))}{i}\":{{\"minimum\":{i}}}")) + "}}" },
        };
    }

    /// <summary>A hostile schema compiles, or says that it is too much; it neither hangs nor dies.</summary>
    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_schemas_end(string name, string schema)
    {
        Assert.NotEmpty(name);
        var error = Record.Exception(() =>
        {
            var constraint = SchemaTester.Compile(schema, new JsonSchemaOptions { Fuel = 100_000 });
            Assert.NotEqual(0, constraint.Mask(constraint.Start).Count);
        });
        Assert.True(error is null or ConstraintTooComplexException or UnsupportedSchemaException, error?.ToString());
    }

    [Fact]
    public void The_documentation_lists_the_keywords_and_formats_that_the_code_reads()
    {
        var text = File.ReadAllText(TestModels.Document("json-schema.md"));
        var rows = text.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]);
        Assert.Equal(SchemaKeywords.All, rows.Order(StringComparer.Ordinal));
        var formats = text.Split("Formats that are enforced:")[1].Split("\n\n")[0].Split('`').Where((_, i) => i % 2 == 1);
        Assert.Equal(StringFormats.Names, formats.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_json_object_is_any_object()
    {
        var constraint = ConstraintCompiler.CompileJsonObject(SchemaTester.Bytes);
        Assert.True(constraint.Accepts("{\"a\":[1,{\"b\":null}]}"));
        Assert.False(constraint.Accepts("[1]"));
    }

    [Fact]
    public void Arguments_are_checked() =>
        Assert.Throws<ArgumentNullException>(() => ConstraintCompiler.Compile(JsonDocument.Parse("{}").RootElement, null!));
}
