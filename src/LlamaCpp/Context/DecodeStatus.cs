using System.Diagnostics.CodeAnalysis;
using Connector.Decoding;

namespace Connector.LlamaCpp;

/// <summary>llama_decode's result in words.</summary>
internal static class DecodeStatus
{
    private const int NoSlot = 1, Aborted = 2, InvalidBatch = -1;

    [DoesNotReturn]
    public static void Throw(int status, TokenBatch batch, int capacity, CancellationToken cancellationToken)
    {
        throw status switch
        {
            NoSlot => new OutOfContextException($"The KV cache of {capacity} tokens has no room for {batch.Count} more."),
            Aborted => new OperationCanceledException(cancellationToken),
            InvalidBatch => new ModelEvaluationException($"llama.cpp refused the batch of {batch.Count} tokens as invalid.{NativeLog.DescribeError()}"),
            _ => new ModelEvaluationException($"llama.cpp failed to evaluate a batch of {batch.Count} tokens (status {status}).{NativeLog.DescribeError()}"),
        };
    }
}
