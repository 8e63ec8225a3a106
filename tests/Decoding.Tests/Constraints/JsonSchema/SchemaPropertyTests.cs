using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Connector.Decoding.Constraints;
using Connector.TestSupport.JsonSchema;

namespace Connector.Decoding.Tests.Constraints.JsonSchema;

/// <summary>
/// Random schemas: what the constraint accepts, the simple validator accepts, and the other way round. The number of
/// schemas per seed can be raised with CONNECTOR_TEST_SCHEMAS.
/// </summary>
public sealed class SchemaPropertyTests
{
    private static readonly int Schemas = int.Parse(Environment.GetEnvironmentVariable("CONNECTOR_TEST_SCHEMAS") ?? "150", CultureInfo.InvariantCulture);
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Instances_are_accepted_exactly_when_they_are_valid(int seed)
    {
        var random = new Random(seed);
        var valid = 0;
        for (var i = 0; i < Schemas; i++)
        {
            var generator = new RandomSchemas(random);
            var schema = generator.Root();
            var instances = Enumerable.Range(0, 25).Select(_ => generator.Instance()).ToList();
            if (TryCompile(schema, PropertyOrder.Any, out var constraint) is false)
            {
                continue;
            }

            var validator = new SimpleValidator(schema);
            foreach (var instance in instances)
            {
                var element = JsonSerializer.SerializeToElement(instance);
                if (IsValid(validator, element) is not { } expected)
                {
                    break;
                }

                valid += expected ? 1 : 0;
                var accepted = constraint is not null && Orders(instance, random).Any(constraint.Accepts);
                var isLoose = constraint is { Unenforced.IsEmpty: false };
                Assert.True(expected == accepted || (accepted && isLoose), $"{(expected ? "rejects" : "accepts")} {element.GetRawText()} of {schema.ToJsonString(Plain)}");
            }
        }

        Assert.True(valid > Schemas, "too few valid instances to say much");
    }

    [Theory]
    [InlineData(PropertyOrder.Declared, 3)]
    [InlineData(PropertyOrder.Any, 4)]
    public void Random_walks_under_the_mask_end_in_valid_instances(PropertyOrder order, int seed)
    {
        var random = new Random(seed);
        var finished = 0;
        for (var i = 0; i < Schemas; i++)
        {
            var schema = new RandomSchemas(random).Root();
            if (TryCompile(schema, order, out var constraint) is false || constraint is null || !constraint.Unenforced.IsEmpty)
            {
                continue;
            }

            var validator = new SimpleValidator(schema);
            for (var walk = 0; walk < 4; walk++)
            {
                if (Walk(constraint, random) is not { } text || HasDuplicates(JsonDocument.Parse(text).RootElement))
                {
                    continue;
                }

                finished++;
                Assert.True(IsValid(validator, JsonDocument.Parse(text).RootElement) is null or true, $"writes {text} for {schema.ToJsonString(Plain)}");
            }
        }

        Assert.True(finished > Schemas, "too few walks came to an end to say much");
    }

    /// <summary>Walks at random, with a liking for closing what is open; null where that takes too long.</summary>
    internal static string? Walk(CompiledConstraint constraint, Random random, int patience = 400)
    {
        var text = new List<byte>();
        var state = constraint.Start;
        for (var step = 0; step < patience; step++)
        {
            var mask = constraint.Mask(state);
            Assert.NotEqual(0, mask.Count);
            var allowed = Enumerable.Range(0, 257).Where(mask.Contains).ToList();
            var closing = allowed.Where(t => t is '"' or ']' or '}' or 256).ToList();
            var printable = allowed.Where(t => t is >= ' ' and < 127 and not '\\').ToList();
            var from = closing.Count > 0 && random.Next(100) < 30 + step ? closing : printable.Count > 0 && random.Next(8) > 0 ? printable : allowed;
            var token = from[random.Next(from.Count)];
            Assert.True(constraint.TryAdvance(ref state, token), "the mask allows what TryAdvance refuses");
            if (token == 256)
            {
                return Encoding.UTF8.GetString([.. text]);
            }

            text.Add((byte)token);
        }

        return null;
    }

    // False where the schema is not to be judged; a null constraint accepts nothing.
    private static bool TryCompile(JsonNode schema, PropertyOrder order, out CompiledConstraint? constraint)
    {
        constraint = null;
        try
        {
            constraint = SchemaTester.Compile(schema.ToJsonString(), new JsonSchemaOptions { PropertyOrder = order });
            return true;
        }
        catch (UnsatisfiableConstraintException)
        {
            return true;
        }
        catch (Exception e) when (e is UnsupportedSchemaException or ConstraintTooComplexException)
        {
            return false;
        }
    }

    // Null where the schema refers to itself without end.
    private static bool? IsValid(SimpleValidator validator, JsonElement instance)
    {
        try
        {
            return validator.IsValid(instance);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    // Where the engine falls back to declared order, some order of the members is the declared one.
    private static IEnumerable<string> Orders(JsonNode? instance, Random random)
    {
        yield return instance?.ToJsonString(Plain) ?? "null";
        for (var i = 0; i < 12; i++)
        {
            yield return Shuffled(instance, random)?.ToJsonString(Plain) ?? "null";
        }
    }

    private static JsonNode? Shuffled(JsonNode? node, Random random)
    {
        switch (node)
        {
            case JsonObject members:
                var order = members.ToArray();
                random.Shuffle(order);
                return new JsonObject(order.Select(m => KeyValuePair.Create(m.Key, Shuffled(m.Value, random))));
            case JsonArray items:
                return new JsonArray([.. items.Select(i => Shuffled(i, random))]);
            default:
                return node?.DeepClone();
        }
    }

    private static bool HasDuplicates(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().GroupBy(m => m.Name, StringComparer.Ordinal).Any(g => g.Count() > 1)
            || element.EnumerateObject().Any(m => HasDuplicates(m.Value)),
        JsonValueKind.Array => element.EnumerateArray().Any(HasDuplicates),
        _ => false,
    };
}
