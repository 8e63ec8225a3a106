using Connector.Decoding.Sampling;

namespace Connector.Decoding.Speculation;

/// <summary>
/// Drafts by a smaller model with the same vocabulary (speculative decoding, Leviathan et al. 2023), drawing with the
/// noise of the request itself, so that where both models agree they choose the same token at any temperature
/// (drafter-invariant speculation, Daliri et al. 2024). Per sequence it follows one path, a token and a call at a
/// time for all sequences together, while the planner thinks another call worth its time; at each place it guesses a few
/// alternatives. What it has not read yet is caught up in batches. Owns its context. Not thread-safe.
/// </summary>
internal sealed class ModelDraft : IDraftSource, IDisposable
{
    /// <summary>Guesses per place.</summary>
    public const int Width = 4;

    private const int Considered = 32;
    private const int GapClasses = 8;
    private const double Memory = 0.95;
    private const double RequestMemory = 0.8;
    private const double FirstAgreement = 0.7;
    private readonly ILanguageModel _model;
    private readonly IModelContext _context;
    private readonly int _vocabulary;
    private readonly TokenBatch _batch;
    private readonly List<DraftReader> _readers = [];
    private readonly int[] _top = new int[Considered];
    private readonly float[] _scores = new float[Considered];
    private double _usualAgreement = FirstAgreement;

    /// <summary>Makes a source and its context.</summary>
    /// <param name="model">The draft model; not disposed.</param>
    /// <param name="target">The vocabulary of the deciding model.</param>
    /// <param name="options">The draft model's context: as many sequences as requests run at once.</param>
    /// <exception cref="ArgumentException">The vocabularies differ, or the draft model's memory cannot be rewound.</exception>
    public ModelDraft(ILanguageModel model, Vocabulary target, ContextOptions options)
    {
        DraftVocabulary.Check(model.Name, model.Vocabulary, target);
        _model = model;
        _vocabulary = Math.Min(target.Count, model.Vocabulary.Count);
        _context = model.CreateContext(options);
        if (!_context.Memory.HasFlag(MemoryCapabilities.Rewind))
        {
            _context.Dispose();
            throw new ArgumentException($"'{model.Name}' cannot draft: its memory cannot take back tokens (a recurrent model).", nameof(model));
        }

        _batch = new TokenBatch(_context.MaxBatchTokens);
    }

    /// <summary>A context that reads the same texts as the deciding model's, as far as the draft model was trained for them.</summary>
    public static ContextOptions ContextLike(IModelContext target, ILanguageModel model) => new()
    {
        Capacity = (int)Math.Min(target.Capacity, (long)model.TrainedContextLength * target.MaxSequences),
        MaxSequences = target.MaxSequences,
        MaxBatchTokens = target.MaxBatchTokens,
        MaxOutputs = Math.Min(target.MaxSequences, target.MaxBatchTokens),
    };

    /// <inheritdoc/>
    public string Name => "model";

    /// <inheritdoc/>
    public int Classes => Width * GapClasses;

    /// <inheritdoc/>
    public bool KnowsLuck => true;

    /// <summary>How often its first guess was right lately; where that is less than usual, a new text counts half anew.</summary>
    public double Agreement { get; private set; } = FirstAgreement;

    /// <summary>The tokens its context can hold.</summary>
    public int Capacity => _context.Capacity;

    /// <summary>The draft model.</summary>
    public ILanguageModel Model => _model;

    /// <inheritdoc/>
    public void Begin(int slot, ReadOnlySpan<int> prompt)
    {
        while (_readers.Count <= slot)
        {
            _readers.Add(new DraftReader(_readers.Count));
        }

        _readers[slot].Forget();
        _readers[slot].IsLost = slot >= _context.MaxSequences;
        Agreement = Math.Max(Agreement, (Agreement + _usualAgreement) / 2);
    }

    /// <inheritdoc/>
    public void Commit(int slot, ReadOnlySpan<int> tokens)
    {
        var reader = _readers[slot];
        for (var i = 0; i < tokens.Length && i < reader.Predicted.Count; i++)
        {
            if (reader.Predicted[i] != DraftReader.NotAsked)
            {
                Agreement = (Agreement * Memory) + (reader.Predicted[i] == tokens[i] ? 1 - Memory : 0);
            }

            // What the model guessed beyond counts only where it had read what was committed.
            if (i >= reader.Path.Count || reader.Path[i] != tokens[i])
            {
                break;
            }
        }

        reader.Forget();
    }

    /// <inheritdoc/>
    public void End(int slot)
    {
        if (HasBegun(slot))
        {
            _usualAgreement = (_usualAgreement * RequestMemory) + (Agreement * (1 - RequestMemory));
        }

        Release(_readers[slot]);
    }

    /// <inheritdoc/>
    public void Learn(int token, ReadOnlySpan<int> next, ReadOnlySpan<float> probabilities)
    {
        // The draft model is what it is.
    }

    /// <summary>Asks for a token to be read in the next <see cref="Evaluate"/>: the next of a sequence's path.</summary>
    public void Read(int slot, int token)
    {
        var reader = _readers[slot];
        if (!reader.IsLost)
        {
            reader.Wanted.Add(token);
            reader.Path.Add(token);
        }
    }

    /// <summary>Whether a text is drafted for without the model: there is no room for it.</summary>
    public bool IsLost(int slot) => _readers[slot].IsLost;

    /// <summary>Whether it has read any of a text.</summary>
    public bool HasBegun(int slot) => _readers[slot].Tokens.Count > 0;

    /// <summary>How many tokens of a text were not read yet.</summary>
    public int Behind(int slot, ReadOnlySpan<int> text) => text.Length - Read(_readers[slot], text);

    /// <summary>Asks for all of a text that was not read yet to be read; drafts that were rejected are taken back.</summary>
    public void CatchUp(int slot, ReadOnlySpan<int> text)
    {
        var reader = _readers[slot];
        var common = Read(reader, text);
        reader.Wanted.Clear();
        if (reader.IsLost || (common < reader.Tokens.Count && !_context.Truncate(reader.Sequence, common)))
        {
            reader.IsLost = true;
            return;
        }

        reader.Tokens.Truncate(common);
        reader.Wanted.Add(text[common..]);
    }

    /// <summary>Tokens that <see cref="Evaluate"/> would read.</summary>
    public int Unread
    {
        get
        {
            var unread = 0;
            foreach (var reader in _readers)
            {
                unread += reader.Wanted.Count;
            }

            return unread;
        }
    }

    /// <summary>
    /// Reads what was asked for, all sequences together; afterwards the next place of each can be proposed for. False
    /// where the context is full: then the sequences that wanted to be read are drafted for without the model.
    /// </summary>
    public bool Evaluate()
    {
        // Only the logits of the last call stay, so that one has the ends of all texts.
        for (var isLast = false; !isLast;)
        {
            isLast = Unread <= _batch.Capacity;
            Fill(isLast);
            if (_batch.Count == 0 && !isLast)
            {
                // More sequences than a call takes tokens: who finds no room is drafted for without the model.
                isLast = true;
                Fill(isLast);
            }

            if (_batch.Count > 0 && !TryEvaluate())
            {
                return false;
            }

            foreach (var reader in _readers)
            {
                reader.Advance();
            }
        }

        return true;
    }

    /// <summary>Lets <see cref="Propose"/> answer for a node from what was read last, which ended with it.</summary>
    public void Aim(int slot, int node, in GumbelNoise.Key? luck, float temperature)
    {
        var reader = _readers[slot];
        reader.Node = reader.Row >= 0 && !reader.IsLost ? node : DraftReader.Nowhere;
        reader.Predicted.Add(DraftReader.NotAsked);
        (reader.Luck, reader.Temperature) = (luck, temperature);
    }

    /// <inheritdoc/>
    public int Propose(in DraftPlace place, Span<DraftCandidate> candidates)
    {
        var reader = _readers[place.Slot];
        if (reader.Node != place.Node)
        {
            return 0;
        }

        reader.Node = DraftReader.Nowhere;
        var found = TopTokens.SelectLogits(_context.Logits(reader.Row)[.._vocabulary], _top, _scores);
        if (found == 0)
        {
            return 0;
        }

        Perturb(reader, found);
        reader.Predicted.Truncate(reader.Predicted.Count - 1);
        reader.Predicted.Add(_top[0]);
        var count = Math.Min(Math.Min(Width, found), candidates.Length);
        for (var i = 0; i < count; i++)
        {
            // How far a guess is ahead of the best other one decides how likely the deciding model agrees.
            var gap = _scores[i] - (i > 0 ? _scores[0] : found > 1 ? _scores[1] : _scores[0] - 10);
            candidates[i] = new DraftCandidate(_top[i], Math.Clamp(1 / (1 + MathF.Exp(-gap)), 0.01f, 0.98f), (i * GapClasses) + GapClass(Math.Abs(gap)));
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    // The last token is always read: its logits are what is asked for.
    private static int Read(DraftReader reader, ReadOnlySpan<int> text) => Math.Min(reader.Tokens.CommonPrefix(text), text.Length - 1);

    private static int GapClass(float gap) => gap switch
    {
        < 0.25f => 0,
        < 0.5f => 1,
        < 1f => 2,
        < 1.5f => 3,
        < 2.5f => 4,
        < 4f => 5,
        < 6f => 6,
        _ => 7,
    };

    private void Perturb(DraftReader reader, int found)
    {
        if (reader.Luck is not { } luck)
        {
            return;
        }

        for (var i = 0; i < found; i++)
        {
            _scores[i] = -((_scores[i] / reader.Temperature) + (float)GumbelNoise.FromHash(luck.Hash((uint)_top[i])));
        }

        _scores.AsSpan(0, found).Sort(_top.AsSpan(0, found));
        for (var i = 0; i < found; i++)
        {
            _scores[i] = -_scores[i];
        }
    }

    private void Fill(bool isLast)
    {
        _batch.Clear();
        foreach (var reader in _readers)
        {
            reader.Fill(_batch, isLast, _context.MaxOutputs);
        }
    }

    private bool TryEvaluate()
    {
        try
        {
            _context.Evaluate(_batch);
            return true;
        }
        catch (OutOfContextException)
        {
            // Others keep their drafts; who wanted to read more than there is room for drafts without the model.
            foreach (var reader in _readers)
            {
                if (reader.Wanted.Count > 0)
                {
                    reader.IsLost = true;
                    Release(reader);
                }

                reader.Forget();
            }

            return false;
        }
    }

    private void Release(DraftReader reader)
    {
        if (reader.Tokens.Count > 0)
        {
            _context.Truncate(reader.Sequence, 0);
            reader.Tokens.Clear();
        }
    }
}
