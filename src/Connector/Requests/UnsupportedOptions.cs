using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>Options that this client does not have: an error that names them instead of another answer than was asked for.</summary>
internal static class UnsupportedOptions
{
    /// <exception cref="NotSupportedException">An option cannot be followed.</exception>
    public static void ThrowIfAny(ChatOptions? options)
    {
        if (options is null)
        {
            return;
        }

        ThrowIf(options.ResponseFormat is not (null or ChatResponseFormatText), nameof(options.ResponseFormat));
        ThrowIf(options.Tools?.OfType<AIFunctionDeclaration>().Any() is true && options.ToolMode is not NoneChatToolMode, nameof(options.Tools));
        ThrowIf(options.ToolMode is RequiredChatToolMode, nameof(options.ToolMode));
        ThrowIf(options.Reasoning is not null, nameof(options.Reasoning));
        ThrowIf(options.ContinuationToken is not null, nameof(options.ContinuationToken));
    }

    private static void ThrowIf(bool isUsed, string option)
    {
        if (isUsed)
        {
            throw new NotSupportedException($"{nameof(ChatOptions)}.{option} is not supported.");
        }
    }
}
