using Microsoft.Extensions.AI;
using Spectre.Console;

namespace Connector.Samples.Agent.View;

/// <summary>
/// Shows an answer as it comes: text on <paramref name="output"/>, calls on <paramref name="notes"/> — a table that
/// changes in place on a terminal, lines in a pipe.
/// </summary>
internal sealed class AnswerView(TextWriter output, IAnsiConsole notes, TimeProvider time)
{
    /// <summary>Shows an answer to its end.</summary>
    public async Task ShowAsync(IAsyncEnumerable<AIContent> answer, CancellationToken cancellationToken)
    {
        await using var contents = answer.GetAsyncEnumerator(cancellationToken);
        var lineIsOpen = false;
        try
        {
            var more = await contents.MoveNextAsync();
            while (more)
            {
                if (contents.Current is FunctionCallContent)
                {
                    lineIsOpen = await EndLineAsync(lineIsOpen);
                    more = await ShowCallsAsync(contents);
                    continue;
                }

                if (contents.Current is TextContent { Text: var text })
                {
                    // A template's own line break is not part of what was said.
                    text = lineIsOpen ? text : text.TrimStart();
                    await output.WriteAsync(text.AsMemory(), cancellationToken);
                    await output.FlushAsync(cancellationToken);
                    lineIsOpen |= text.Length > 0;
                }

                more = await contents.MoveNextAsync();
            }
        }
        finally
        {
            await EndLineAsync(lineIsOpen);
        }
    }

    /// <summary>Shows calls and results up to the next piece of text, which becomes the current content; false at the end.</summary>
    private Task<bool> ShowCallsAsync(IAsyncEnumerator<AIContent> contents)
    {
        var log = new ToolCallLog(time);
        return notes.Profile.Capabilities.Interactive
            ? notes.Live(CallTable.Of(log)).StartAsync(live => ReadCallsAsync(contents, log, _ => live.UpdateTarget(CallTable.Of(log))))
            : ReadCallsAsync(contents, log, entry => notes.Profile.Out.Writer.WriteLine(CallTable.Line(entry)));
    }

    private static async Task<bool> ReadCallsAsync(IAsyncEnumerator<AIContent> contents, ToolCallLog log, Action<ToolCallEntry> changed)
    {
        do
        {
            if (contents.Current is TextContent text && !string.IsNullOrWhiteSpace(text.Text))
            {
                return true;
            }

            if (log.Add(contents.Current) is { } entry)
            {
                changed(entry);
            }
        }
        while (await contents.MoveNextAsync());
        return false;
    }

    private async Task<bool> EndLineAsync(bool lineIsOpen)
    {
        if (lineIsOpen)
        {
            await output.WriteLineAsync();
        }

        return false;
    }
}
