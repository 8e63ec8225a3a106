namespace Connector.Decoding.Tests.Engine;

/// <summary>
/// A model without weights whose next token is a hash of all cells that a row can see, so that any mix-up of sequences, positions or cells shows
/// in the text. Its vocabulary is the letters a … p; token 0 (a) ends a generation.
/// </summary>
internal sealed class ScriptedModel : ILanguageModel
{
    public const int VocabularySize = 16;

    public string Conditions { get; set; } = "";

    public MemoryCapabilities Memory { get; init; } = MemoryCapabilities.All;

    public int Capacity { get; init; } = 256;

    /// <summary>Added to the logit of the token that habitually follows a token: the larger, the more its texts repeat themselves.</summary>
    public float Habit { get; init; }

    /// <summary>Two models with different salts agree on their habits only.</summary>
    public ulong Salt { get; init; }

    public int TrainedContextLength { get; init; } = 64;

    /// <summary>Asked before each evaluation with its number; an exception it returns is thrown after half of the batch is in the cache.</summary>
    public Func<int, Exception?>? Fault { get; set; }

    /// <summary>Thrown by copies of sequences.</summary>
    public Exception? CopyFault { get; set; }

    /// <summary>Called within each evaluation, for tests that want to look or to hold it up.</summary>
    public Action<TokenBatch>? Evaluating { get; set; }

    public int Evaluations { get; set; }

    /// <summary>Rules of the memory that its user broke; must stay empty.</summary>
    public List<string> BrokenRules { get; } = [];

    public int LiveContexts { get; set; }

    public ScriptedContext? LastContext { get; private set; }

    public string Name { get; init; } = "scripted";

    public Vocabulary Vocabulary { get; } = new(
        [.. Enumerable.Range(0, VocabularySize).Select(t => new VocabularyToken(
            t == 0 ? Array.Empty<byte>() : new[] { (byte)('a' + t) },
            t == 0 ? "<end>" : ((char)('a' + t)).ToString(),
            t == 0 ? TokenKinds.Control | TokenKinds.EndOfGeneration : TokenKinds.None))],
        new LetterTokenizer());

    /// <summary>Whether no more contexts can be made.</summary>
    public bool RefusesContexts { get; set; }

    public IModelContext CreateContext(ContextOptions options)
    {
        if (RefusesContexts)
        {
            throw new ModelEvaluationException("no more contexts");
        }

        LiveContexts++;
        return LastContext = new ScriptedContext(this, options);
    }

    public void Dispose()
    {
    }

    /// <summary>Logits after some text: a function of the hash alone.</summary>
    public static void Logits(ulong hash, Span<float> logits)
    {
        for (var token = 0; token < logits.Length; token++)
        {
            var bits = Mix(hash ^ ((ulong)token * 0x9E3779B97F4A7C15));
            logits[token] = ((bits >> 40) / (float)(1 << 24) * 6) - 3 - (token == 0 ? 1.5f : 0);
        }
    }

    /// <summary>The logits of a row: those of its text, and the habit.</summary>
    public void Logits(int token, ulong state, Span<float> logits)
    {
        Logits(state ^ Salt, logits);
        logits[1 + (int)(Mix((ulong)token + 77) % (VocabularySize - 1))] += Habit;
    }

    public static ulong Mix(ulong x)
    {
        x ^= x >> 31;
        x *= 0x7FB5D329728EA185;
        x ^= x >> 27;
        x *= 0x81DADEF4BC2DD44D;
        return x ^ (x >> 33);
    }

    private sealed class LetterTokenizer : ITokenizer
    {
        public int[] Tokenize(string text, bool parseSpecial) => [.. text.Select(c => c - 'a')];
    }
}
