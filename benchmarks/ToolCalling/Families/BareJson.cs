using System.Text.Json.Nodes;
using Connector.Benchmarks.ToolCalling.Checks;
using Connector.Benchmarks.ToolCalling.Conversations;
using Connector.Decoding;
using Connector.Decoding.Constraints;

namespace Connector.Benchmarks.ToolCalling.Families;

/// <summary>
/// No family's syntax at all: an array of calls as JSON, its schema a choice among the tools. What this costs is the
/// constraint engine's part; what others cost more is theirs.
/// </summary>
internal sealed class BareJson : IToolFamily
{
    public string Name => "(bare JSON)";

    public string Prompt(ToolConversation conversation) => "";

    public ITokenConstraint Constrain(ToolConversation conversation, Vocabulary vocabulary)
    {
        var choices = new JsonArray();
        foreach (var tool in conversation.Tools)
        {
            choices.Add((JsonNode)new JsonObject
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
        }

        var schema = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["anyOf"] = choices }, ["minItems"] = 1 };
        return ConstraintCompiler.Compile(CanonicalJson.Element(schema), vocabulary);
    }

    public string Write(IReadOnlyList<RightCall> calls) =>
        $"[{string.Join(",", calls.Select(call => $$"""{"name":{{CanonicalJson.Text(call.Name)}},"arguments":{{call.Arguments.GetRawText()}}}"""))}]";
}
