using Connector.Decoding.Constraints;

namespace Connector.Decoding.Tests.Constraints.JsonSchema;

/// <summary>A root object that may have only so many properties which its schema does not declare.</summary>
public class UndeclaredPropertyTests
{
    private const string Schema = """{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a"]}""";

    [Theory]
    [InlineData("""{"a":1}""", 0)]
    [InlineData("""{"a":1,"x":{"y":[null,"z"]}}""", 1)]
    [InlineData("""{"a":1,"x":1,"b":2}""", 1)]
    [InlineData("""{"b":2,"a":1,"x":1,"y":2}""", 2)]
    [InlineData("""{"a":1,"x":1,"b":2,"y":2,"z":3}""", 3)]
    public void Any_order_takes_so_many_after_the_required_ones(string text, int undeclared)
    {
        for (var most = 0; most <= 4; most++)
        {
            Assert.Equal(undeclared <= most, SchemaTester.Accepts(Schema, text, Options(PropertyOrder.Any, most)));
        }

        Assert.True(SchemaTester.Accepts(Schema, text, Options(PropertyOrder.Any, int.MaxValue)));
    }

    [Theory]
    [InlineData("""{"x":1,"a":1}""")]
    [InlineData("""{"b":1,"x":1,"a":1}""")]
    [InlineData("""{"x":1}""")]
    [InlineData("""{"a":1,"b":"no integer"}""")]
    [InlineData("""{"a":1,"a":2}""")]
    public void Before_a_required_one_there_is_none_and_declared_names_stay_what_they_are(string text) =>
        Assert.False(SchemaTester.Accepts(Schema, text, Options(PropertyOrder.Any, 4)));

    [Theory]
    [InlineData("""{"a":1,"b":2,"x":1}""", 1)]
    [InlineData("""{"a":1,"x":1,"y":2}""", 2)]
    public void Declared_order_counts_too(string text, int undeclared)
    {
        for (var most = 0; most <= 3; most++)
        {
            Assert.Equal(undeclared <= most, SchemaTester.Accepts(Schema, text, Options(PropertyOrder.Declared, most)));
        }
    }

    [Fact]
    public void Objects_within_and_schemas_that_say_it_themselves_are_left_alone()
    {
        const string Nested = """{"type":"object","properties":{"o":{"properties":{"p":{}}}},"additionalProperties":false}""";
        Assert.True(SchemaTester.Accepts(Nested, """{"o":{"x":1,"y":2,"p":3,"z":4}}""", Options(PropertyOrder.Any, 1)));
        Assert.False(SchemaTester.Accepts(Nested, """{"x":1}""", Options(PropertyOrder.Any, 1)));
    }

    [Fact]
    public void Without_required_properties_an_undeclared_one_may_be_the_first()
    {
        const string Optional = """{"type":"object","properties":{"a":{"type":"integer"}}}""";
        Assert.True(SchemaTester.Accepts(Optional, """{"x":1,"a":2}""", Options(PropertyOrder.Any, 1)));
        Assert.True(SchemaTester.Accepts(Optional, "{}", Options(PropertyOrder.Any, 1)));
        Assert.False(SchemaTester.Accepts(Optional, """{"x":1,"a":2,"y":3}""", Options(PropertyOrder.Any, 1)));
    }

    [Fact]
    public void Bounds_on_all_members_hold_as_well()
    {
        const string Bounded = """{"type":"object","properties":{"a":{},"b":{}},"required":["a"],"minProperties":2,"maxProperties":3}""";
        var options = Options(PropertyOrder.Any, 2);
        Assert.False(SchemaTester.Accepts(Bounded, """{"a":1}""", options));
        Assert.True(SchemaTester.Accepts(Bounded, """{"a":1,"x":1}""", options));
        Assert.True(SchemaTester.Accepts(Bounded, """{"a":1,"x":1,"y":1}""", options));
        Assert.False(SchemaTester.Accepts(Bounded, """{"a":1,"b":1,"x":1,"y":1}""", options));
    }

    [Fact]
    public void Of_more_properties_than_can_be_told_apart_those_beyond_stay_declared()
    {
        var names = Enumerable.Range(0, 60).Select(i => $"\"p{i}\":{{\"type\":\"integer\"}}");
        var schema = $"{{\"type\":\"object\",\"properties\":{{{string.Join(',', names)}}},\"required\":[\"p59\"]}}";
        var options = Options(PropertyOrder.Any, 1);
        Assert.True(SchemaTester.Accepts(schema, """{"p59":1,"x":true,"p3":2}""", options));
        Assert.False(SchemaTester.Accepts(schema, """{"p59":1,"x":true,"p3":"no integer"}""", options));
        Assert.False(SchemaTester.Accepts(schema, """{"p59":1,"x":true,"y":2}""", options));
    }

    private static JsonSchemaOptions Options(PropertyOrder order, int most) => new() { PropertyOrder = order, MaxUndeclaredAtRoot = most };
}
