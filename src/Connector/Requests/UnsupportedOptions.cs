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

        ThrowIf(options.ResponseFormat is not (null or ChatResponseFormatText or ChatResponseFormatJson), nameof(options.ResponseFormat));
        ThrowIf(options.ToolMode is not (null or AutoChatToolMode or NoneChatToolMode or RequiredChatToolMode), nameof(options.ToolMode));
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
