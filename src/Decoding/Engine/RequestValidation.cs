namespace Connector.Decoding.Engine;

/// <summary>What a request must be before it may wait in the queue.</summary>
internal static class RequestValidation
{
    /// <exception cref="ArgumentException">A part of the request is out of range; the message names it.</exception>
    /// <exception cref="PromptTooLongException">The prompt does not fit the context.</exception>
    /// <exception cref="NotSupportedException">The model's memory cannot do what the request asks.</exception>
    public static void ThrowIfInvalid(GenerationRequest request, EngineOptions options, EngineLimits limits, MemoryCapabilities memory)
    {
        var faults = string.Join("; ", Faults(request, options, limits));
        if (faults.Length > 0)
        {
            throw new ArgumentException($"The request is out of range: {faults}.", nameof(request));
        }

        if (request.Overflow == ContextOverflow.StreamingWindow)
        {
            if (!memory.HasFlag(MemoryCapabilities.Shift | MemoryCapabilities.Rewind))
            {
                throw new NotSupportedException(
                    $"{nameof(GenerationRequest.Overflow)} is {nameof(ContextOverflow.StreamingWindow)}, but this model's memory cannot shift positions; it can: {memory}.");
            }
        }
        else if (ContextRoom.Undroppable(request) > limits.ContextTokens)
        {
            throw new PromptTooLongException(ContextRoom.Undroppable(request), limits.ContextTokens);
        }
    }

    private static IEnumerable<string> Faults(GenerationRequest request, EngineOptions options, EngineLimits limits)
    {
        if (request.Prompt.IsEmpty)
        {
            yield return $"{nameof(request.Prompt)} is empty";
        }

        if (request.Prompt.Length > options.MaxPromptTokens)
        {
            yield return $"{nameof(request.Prompt)} has {request.Prompt.Length} tokens, but a request may have {options.MaxPromptTokens}";
        }

        for (var i = 0; i < request.Prompt.Length; i++)
        {
            if ((uint)request.Prompt.Span[i] >= (uint)limits.Vocabulary.Count)
            {
                yield return $"{nameof(request.Prompt)}[{i}] is token {request.Prompt.Span[i]}, but the vocabulary has {limits.Vocabulary.Count}";
                break;
            }
        }

        if (request.MaxTokens is < 1)
        {
            yield return $"{nameof(request.MaxTokens)} is {request.MaxTokens} but must be at least 1";
        }

        if (request.MaxTokens > options.MaxGeneratedTokens)
        {
            yield return $"{nameof(request.MaxTokens)} is {request.MaxTokens}, but a request may ask for {options.MaxGeneratedTokens}";
        }

        for (var i = 0; i < request.TurnStarts.Length; i++)
        {
            if (request.TurnStarts[i] >= request.Prompt.Length || request.TurnStarts[i] < (i == 0 ? 0 : request.TurnStarts[i - 1] + 1))
            {
                yield return $"{nameof(request.TurnStarts)}[{i}] is {request.TurnStarts[i]}, but turn starts must ascend within the prompt";
                break;
            }
        }

        if (request.AttentionSinks < 0 || (request.Overflow == ContextOverflow.StreamingWindow && request.AttentionSinks > limits.ContextTokens / 2))
        {
            yield return $"{nameof(request.AttentionSinks)} is {request.AttentionSinks} but must be between 0 and half the context";
        }

        if (request.Pace is <= 0 or double.NaN)
        {
            yield return FormattableString.Invariant($"{nameof(request.Pace)} is {request.Pace} but must be above 0");
        }

        if (request.StopSequences.Any(string.IsNullOrEmpty))
        {
            yield return $"{nameof(request.StopSequences)} holds an empty string";
        }

        foreach (var fault in request.Sampling.Faults(limits.Vocabulary.Count))
        {
            yield return $"{nameof(request.Sampling)}.{fault}";
        }
    }
}
