using Connector.Benchmarks.ToolCalling.Checks;
using Connector.Benchmarks.ToolCalling.Conversations;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.Tests.ToolCalling;

public sealed class ConversationFileTests
{
    [Fact]
    public void The_held_out_conversations_are_complete_and_their_right_calls_valid()
    {
        var conversations = ConversationFile.Read(Path.Combine(AppContext.BaseDirectory, "data", "demo-held-out.jsonl"));
        Assert.Equal(150, conversations.Count);
        foreach (var conversation in conversations)
        {
            Assert.NotEmpty(conversation.Calls);
            foreach (var call in conversation.Calls)
            {
                var tool = Assert.Single(conversation.Tools, tool => tool.Name == call.Name);
                Assert.Null(SchemaValidator.Fault(tool.JsonSchema, call.Arguments, call.Name));
            }
        }

        // Every result names a call before it.
        Assert.Contains(conversations, c => c.Messages.Any(m => m.Role == ChatRole.Tool));
        Assert.All(conversations, c => Assert.Subset(
            c.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().Select(call => call.CallId).ToHashSet(StringComparer.Ordinal),
            c.Messages.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Select(result => result.CallId).ToHashSet(StringComparer.Ordinal)));
    }

    [Fact]
    public void A_broken_line_is_an_error_that_says_which()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "\n{\"id\": \"x\"}\n");
            var error = Assert.Throws<InvalidDataException>(() => ConversationFile.Read(path));
            Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
