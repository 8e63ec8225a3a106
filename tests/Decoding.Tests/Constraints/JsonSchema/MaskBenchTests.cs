using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Connector.Decoding.Constraints;
using Connector.TestSupport;
using Connector.TestSupport.JsonSchema;

namespace Connector.Decoding.Tests.Constraints.JsonSchema;

/// <summary>
/// Schemas of the wild, where the data is there: every n-th of MaskBench's development set; n is CONNECTOR_TEST_MASKBENCH_STEP,
/// 60 by default.
/// </summary>
public sealed class MaskBenchTests
{
    private static readonly int Step = int.Parse(Environment.GetEnvironmentVariable("CONNECTOR_TEST_MASKBENCH_STEP") ?? "60", CultureInfo.InvariantCulture);

    [DataFact(MaskBenchData.File)]
    public void The_simple_validator_judges_as_the_labels_do()
    {
        var (agreed, judged) = (0, 0);
        foreach (var (schema, tests) in MaskBenchData.Items(Step))
        {
            var validator = new SimpleValidator(JsonNode.Parse(schema.GetRawText()));
            foreach (var test in tests.EnumerateArray())
            {
                judged++;
                try
                {
                    agreed += validator.IsValid(test.GetProperty("data")) == test.GetProperty("valid").GetBoolean() ? 1 : 0;
                }
                catch (Exception e) when (e is InvalidOperationException or ArgumentException)
                {
                    // Patterns that .NET does not know, references to elsewhere.
                    judged--;
                }
            }
        }

        Assert.True(agreed > 0.98 * judged, $"{agreed} of {judged}");
    }

    [DataFact(MaskBenchData.File)]
    public void Random_walks_under_schemas_of_the_wild_are_valid()
    {
        var random = new Random(7);
        var finished = 0;
        foreach (var (schema, _) in MaskBenchData.Items(Step))
        {
            CompiledConstraint constraint;
            try
            {
                constraint = ConstraintCompiler.Compile(schema, SchemaTester.Bytes);
            }
            catch (Exception e) when (e is UnsupportedSchemaException or ConstraintTooComplexException or UnsatisfiableConstraintException)
            {
                continue;
            }

            if (constraint.Unenforced.IsEmpty && SchemaPropertyTests.Walk(constraint, random, 600) is { } text)
            {
                var instance = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 1000 }).RootElement;
                finished++;
                try
                {
                    Assert.True(new SimpleValidator(JsonNode.Parse(schema.GetRawText())).IsValid(instance), $"{text} for {schema.GetRawText()}");
                }
                catch (Exception e) when (e is InvalidOperationException or ArgumentException)
                {
                    continue;
                }
            }
        }

        Assert.True(finished > 0);
    }
}
