using System.IO.Compression;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Conversations;

/// <summary>
/// Conversations as JSON Lines, gzipped where the name ends in .gz: <c>id</c>, <c>category</c>, <c>messages</c> and
/// <c>tools</c> in the shape of the common chat API, and where there is an answer <c>calls</c> and <c>valid</c>.
/// </summary>
internal static class ConversationFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">A line is not such a conversation; the message says which, and why.</exception>
    public static IReadOnlyList<ToolConversation> Read(string path)
    {
        using var file = File.OpenRead(path);
        using Stream text = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(text);
        var conversations = new List<ToolConversation>();
        for (var line = 1; reader.ReadLine() is { } row; line++)
        {
            if (string.IsNullOrWhiteSpace(row))
            {
                continue;
            }

            try
            {
                using var document = JsonDocument.Parse(row);
                conversations.Add(Conversation(document.RootElement.Clone()));
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new InvalidDataException($"{Path.GetFileName(path)}, line {line}: {e.Message}", e);
            }
        }

        return conversations;
    }

    private static ToolConversation Conversation(JsonElement row) => new(
        Text(row, "id"),
        Text(row, "category"),
        [.. row.GetProperty("messages").EnumerateArray().Select(Message)],
        [.. row.GetProperty("tools").EnumerateArray().Select(Tool)],
        row.TryGetProperty("calls", out var calls) ? [.. calls.EnumerateArray().Select(Call)] : [],
        row.TryGetProperty("valid", out var valid) && valid.GetBoolean());

    private static AIFunctionDeclaration Tool(JsonElement tool)
    {
        var function = tool.GetProperty("function");
        return AIFunctionFactory.CreateDeclaration(
            Text(function, "name"),
            function.TryGetProperty("description", out var description) ? description.GetString() : null,
            function.GetProperty("parameters"));
    }

    private static RightCall Call(JsonElement call) => new(Text(call, "name"), call.GetProperty("arguments"));

    private static ChatMessage Message(JsonElement message)
    {
        var role = new ChatRole(Text(message, "role"));
        var content = message.TryGetProperty("content", out var c) ? c.GetString() ?? "" : "";
        if (role == ChatRole.Tool)
        {
            return new ChatMessage(role, [new FunctionResultContent(Text(message, "tool_call_id"), content)]);
        }

        var result = new ChatMessage(role, content);
        foreach (var call in message.TryGetProperty("tool_calls", out var calls) ? calls.EnumerateArray() : default)
        {
            var (name, arguments) = Call(call.GetProperty("function"));
            result.Contents.Add(new FunctionCallContent(
                Text(call, "id"), name, arguments.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value, StringComparer.Ordinal)));
        }

        return result;
    }

    private static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()
        ?? throw new InvalidOperationException($"'{property}' is null.");
}
