using System.Text.Json.Nodes;
using Connector.Benchmarks.ToolCalling.Checks;
using Connector.Benchmarks.ToolCalling.Conversations;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Families;

/// <summary>
/// No family's syntax at all: an array of calls as JSON, its schema a choice among the tools. What this costs is the
/// constraint engine's part; what others cost more is theirs.
/// </summary>
internal sealed class BareJson : IToolFamily
{
    public string Name => "(bare JSON)";

    public IFamilyTurn Begin(ToolConversation conversation) => new Turn(conversation.Tools);

    private sealed class Turn(IReadOnlyList<AIFunctionDeclaration> tools) : IFamilyTurn
    {
        public ITokenConstraint Constrain(Vocabulary vocabulary)
        {
            var choices = tools.Select(tool => (JsonNode)new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject
                {
                    ["name"] = new JsonObject { ["const"] = tool.Name },
                    ["arguments"] = JsonNode.Parse(tool.JsonSchema.GetRawText()),
                },
                ["required"] = new JsonArray("name", "arguments"),
                ["additionalProperties"] = false,
            });
            var schema = new JsonObject
            {
                ["type"] = "array",
                ["items"] = new JsonObject { ["anyOf"] = new JsonArray([.. choices]) },
                ["minItems"] = 1,
            };
            return ConstraintCompiler.Compile(CanonicalJson.Element(schema), vocabulary);
        }

        public int[] Write(IReadOnlyList<RightCall> calls, Vocabulary vocabulary)
        {
            var text = calls.Select(call => $$"""{"name": {{CanonicalJson.Text(call.Name)}}, "arguments": {{call.Arguments.GetRawText()}}}""");
            return vocabulary.Tokenize($"[{string.Join(", ", text)}]", parseSpecial: false);
        }

        public IReadOnlyList<FunctionCallContent>? Read(ReadOnlySpan<int> answer, Vocabulary vocabulary) => null;
    }
}
