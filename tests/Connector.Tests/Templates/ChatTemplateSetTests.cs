using Connector.Templates;
using Microsoft.Extensions.Logging;

namespace Connector.Tests.Templates;

public class ChatTemplateSetTests
{
    [Fact]
    public void A_model_without_a_template_gets_ChatML_and_a_warning()
    {
        var logger = new CountingLogger();
        var set = new ChatTemplateSet(null, null, new ChatTemplateOptions(), logger);
        Assert.Equal(ChatTemplate.ChatMl, set.Select(withTools: true).Text);
        Assert.Equal([LogLevel.Warning], logger.Levels);
    }

    [Fact]
    public void The_tool_variant_is_chosen_when_tools_are_given()
    {
        var logger = new CountingLogger();
        var variants = new Dictionary<string, string>(StringComparer.Ordinal) { ["tool_use"] = "tools", ["default"] = "usual" };
        var set = new ChatTemplateSet(null, variants, new ChatTemplateOptions(), logger);
        Assert.Equal("tools", set.Select(withTools: true).Text);
        Assert.Equal("usual", set.Select(withTools: false).Text);
        Assert.Empty(logger.Levels);
    }

    [Fact]
    public void A_broken_template_tells_where() =>
        Assert.Equal(2, Assert.Throws<ChatTemplateException>(() => new ChatTemplateSet("a\n{% if %}", null, new ChatTemplateOptions(), new CountingLogger())).Line);

    private sealed class CountingLogger : ILogger
    {
        public List<LogLevel> Levels { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Levels.Add(logLevel);
    }
}
