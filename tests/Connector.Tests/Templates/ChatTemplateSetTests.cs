using Connector.Templates;
using Connector.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Connector.Tests.Templates;

public class ChatTemplateSetTests
{
    [Fact]
    public void A_model_without_a_template_gets_ChatML_and_a_warning()
    {
        var logger = new ListLogger();
        var set = new ChatTemplateSet(null, null, new ChatTemplateOptions(), logger);
        Assert.Equal(ChatTemplate.ChatMl, set.Select(withTools: true).Text);
        Assert.Equal([LogLevel.Warning], logger.Levels);
    }

    [Fact]
    public void The_tool_variant_is_chosen_when_tools_are_given()
    {
        var logger = new ListLogger();
        var variants = new Dictionary<string, string>(StringComparer.Ordinal) { ["tool_use"] = "tools", ["default"] = "usual" };
        var set = new ChatTemplateSet(null, variants, new ChatTemplateOptions(), logger);
        Assert.Equal("tools", set.Select(withTools: true).Text);
        Assert.Equal("usual", set.Select(withTools: false).Text);
        Assert.Empty(logger.Levels);
    }

    [Fact]
    public void A_broken_template_tells_where() =>
        Assert.Equal(2, Assert.Throws<ChatTemplateException>(() => new ChatTemplateSet("a\n{% if %}", null, new ChatTemplateOptions(), new ListLogger())).Line);
}
