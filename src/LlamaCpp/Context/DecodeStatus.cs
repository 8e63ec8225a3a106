using Connector.Decoding;

namespace Connector.LlamaCpp;

/// <summary>llama_decode's results, and what they are in words.</summary>
internal static class DecodeStatus
{
    public const int Success = 0, NoRoom = 1;

    private const int Aborted = 2, InvalidBatch = -1;

    /// <summary>Whether parts of the batch may be in the memory.</summary>
    public static bool LeavesParts(int status) => status is not (Success or NoRoom or InvalidBatch);

    public static Exception Error(int status, TokenBatch batch, int capacity, CancellationToken cancellationToken) => status switch
    {
        NoRoom => new OutOfContextException($"The KV cache of {capacity} tokens has no room for {batch.Count} more."),
        Aborted => new OperationCanceledException(cancellationToken),
        InvalidBatch => new ModelEvaluationException($"llama.cpp refused the batch of {batch.Count} tokens as invalid.{NativeLog.DescribeError()}"),
        _ => new ModelEvaluationException($"llama.cpp failed to evaluate a batch of {batch.Count} tokens (status {status}).{NativeLog.DescribeError()}"),
    };
}
