namespace Connector.Decoding.Engine;

/// <summary>
/// What <see cref="ContextOverflow"/> says about a full context. When it happens depends on the request's own token count alone, never on what
/// runs beside it, so that the text does not either.
/// </summary>
internal static class ContextRoom
{
    /// <summary>Makes room for the next token where the context is full; false where there is none to be made.</summary>
    public static bool Ensure(EngineRequest request, KvMemory memory)
    {
        switch (request.Request.Overflow)
        {
            case ContextOverflow.DropOldestTurns when request.Context.Length > request.ContextLimit:
                return DropTurns(request, memory);
            case ContextOverflow.StreamingWindow:
                if (request.Evaluated == request.ContextLimit)
                {
                    Roll(request, memory);
                }

                return true;
            default:
                return request.Context.Length <= request.ContextLimit;
        }
    }

    /// <summary>How many of a prompt's tokens no mode but the streaming window can drop.</summary>
    public static int Undroppable(GenerationRequest request) =>
        request.Overflow == ContextOverflow.DropOldestTurns && request.TurnStarts.Length > 1
            ? request.Prompt.Length - (request.TurnStarts[^1] - request.TurnStarts[0])
            : request.Prompt.Length;

    private static bool DropTurns(EngineRequest request, KvMemory memory)
    {
        var turns = request.TurnStarts;
        var wanted = request.Context.Length - (request.ContextLimit - Math.Max(1, request.ContextLimit / 4));
        var drop = 1;
        while (drop < turns.Count - 1 && turns[drop] - turns[0] < wanted)
        {
            drop++;
        }

        if (turns.Count < 2 || request.Context.Length - (turns[drop] - turns[0]) > request.ContextLimit)
        {
            return false;
        }

        var (start, count) = (turns[0], turns[drop] - turns[0]);
        request.DropFromContext(start, count);
        turns.RemoveRange(1, drop);
        for (var i = 1; i < turns.Count; i++)
        {
            turns[i] -= count;
        }

        if (request.Memory is not null && request.Evaluated > start)
        {
            memory.CutTo(request.Memory, start);
        }

        return true;
    }

    private static void Roll(EngineRequest request, KvMemory memory)
    {
        var sinks = request.Request.AttentionSinks;
        var count = Math.Max(1, (request.ContextLimit - sinks) / 4);
        if (memory.IsSharedFrom(request.Memory!, sinks + count))
        {
            // Evaluated again in cells of its own, it comes to this point with the same content.
            memory.Clear(request.Memory!);
            request.Memory!.IsPrivate = request.IsPrivate = true;
            request.RestoreContextIfRolled();
            return;
        }

        memory.Roll(request.Memory!, sinks, count);
        request.DropFromContext(sinks, count);
    }
}
