using Microsoft.Extensions.AI;
using Spectre.Console;

namespace Connector.Samples.Agent.View;

/// <summary>How calls look.</summary>
internal static class CallTable
{
    /// <summary>All calls, for a terminal.</summary>
    public static Table Of(ToolCallLog log)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey).AddColumns("tool", "arguments", "result", "time");
        foreach (var entry in log.Entries)
        {
            table.AddRow(
                new Markup(Markup.Escape(entry.Name), new Style(Color.Aqua)),
                new Text(entry.Arguments),
                entry.Result is { } result ? new Text(result) : new Markup("[yellow]running…[/]"),
                new Text(entry.Result is null ? "" : Milliseconds(entry.Elapsed), new Style(Color.Grey)));
        }

        return table;
    }

    /// <summary>One call, or its result, as a line.</summary>
    public static string Line(ToolCallEntry entry) => entry.Result is null
        ? $"call {entry.Name} {entry.Arguments}"
        : $"result {entry.Name} {entry.Result} ({Milliseconds(entry.Elapsed)})";

    private static string Milliseconds(TimeSpan elapsed) => FormattableString.Invariant($"{elapsed.TotalMilliseconds:0.0} ms");
}

/// <summary>What can be called.</summary>
internal static class ToolTable
{
    public static Table Of(IEnumerable<AITool> tools)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey).AddColumns("tool", "what it does");
        foreach (var tool in tools)
        {
            table.AddRow(Markup.Escape(tool.Name), Markup.Escape(tool.Description));
        }

        return table;
    }
}
