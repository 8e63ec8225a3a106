using Connector.Templates;
using Microsoft.Extensions.AI;

namespace Connector.Tests.Templates;

public class MessageReaderTests
{
    [Fact]
    public void A_message_that_holds_calls_their_results_and_the_answer_is_read_in_that_order()
    {
        var message = new ChatMessage(ChatRole.Assistant,
        [
            new TextContent("Let me see."), new FunctionCallContent("1", "a"), new FunctionCallContent("2", "b"),
            new FunctionResultContent("1", "one"), new FunctionResultContent("2", "two"),
            new FunctionCallContent("3", "c"), new FunctionResultContent("3", "three"), new TextContent("Done."),
        ]);
        var read = MessageReader.Read(null, [message]);
        Assert.Equal(
            ["assistant:Let me see.:a,b", "tool:one:a", "tool:two:b", "assistant::c", "tool:three:c", "assistant:Done.:"],
            read.Select(m => $"{m.Role}:{m.Content}:{(m.Role == TemplateMessage.Tool ? m.ToolName : string.Join(',', m.Calls.Select(c => c.Name)))}"));
    }
}
