using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.Masks;
using Connector.Decoding.Constraints.Parsing;

namespace Connector.Decoding.Constraints;

/// <summary>
/// A grammar over the tokens of a vocabulary. Its tables grow as texts reach into them, up to
/// <see cref="ConstraintLimits"/>; whatever they hold is shared by all requests. Thread-safe.
/// </summary>
public sealed class CompiledConstraint : ITokenConstraint
{
    private readonly Lock _lock = new();
    private readonly ConstraintLimits _limits;
    private readonly TextAutomaton _automaton;
    private readonly MaskBuilder _masks;
    private readonly VocabularyTables _tables;
    private readonly ForcedText _forced;
    private readonly Dictionary<ThreadSet, int> _ids = [];
    private readonly List<ReadingThread> _threads = [];
    private Configuration[] _configurations = new Configuration[16];
    private int _count;
    private volatile bool _isExhausted;

    private CompiledConstraint(Grammar grammar, Vocabulary vocabulary, ConstraintLimits limits, ImmutableArray<UnenforcedKeyword> unenforced)
    {
        Vocabulary = vocabulary;
        Unenforced = unenforced;
        _limits = limits;
        _tables = VocabularyTables.Of(vocabulary);
        _automaton = new TextAutomaton(grammar, limits);
        _masks = new MaskBuilder(_automaton, _tables, limits.MaxCachedBytes);
        _forced = new ForcedText(_automaton, vocabulary, _tables);
        Start = new ConstraintState(Intern([_automaton.Start]), 0);
    }

    /// <summary>The vocabulary whose tokens are constrained.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>What the source asks for and this constraint does not check.</summary>
    public ImmutableArray<UnenforcedKeyword> Unenforced { get; }

    /// <inheritdoc/>
    public ConstraintState Start { get; }

    /// <summary>Whether its tables are full: what no text has reached yet cannot be read any more.</summary>
    internal bool IsExhausted => _isExhausted;

    /// <summary>Compiles a grammar.</summary>
    /// <param name="grammar">The grammar; not to be changed or read afterwards, as its regexes live on in the constraint.</param>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="limits">How large the tables may become. Default: <see cref="ConstraintLimits.Default"/>.</param>
    /// <param name="unenforced">What the front end could not express.</param>
    /// <exception cref="ConstraintTooComplexException">The grammar exceeds the limits.</exception>
    /// <exception cref="UnsatisfiableConstraintException">No text at all is of the language.</exception>
    internal static CompiledConstraint Create(
        Grammar grammar,
        Vocabulary vocabulary,
        ConstraintLimits? limits = null,
        ImmutableArray<UnenforcedKeyword> unenforced = default)
    {
        ArgumentNullException.ThrowIfNull(grammar);
        ArgumentNullException.ThrowIfNull(vocabulary);
        return Guarded(() => new CompiledConstraint(grammar, vocabulary, limits ?? ConstraintLimits.Default, unenforced.IsDefault ? [] : unenforced));
    }

    /// <inheritdoc/>
    /// <exception cref="ConstraintTooComplexException">The text leads beyond the limits.</exception>
    public bool TryAdvance(ref ConstraintState state, int token)
    {
        if ((uint)token >= (uint)Vocabulary.Count)
        {
            return false;
        }

        var configuration = At(state);
        if (Vocabulary.IsEndOfGeneration(token) && configuration.IsComplete)
        {
            return true;
        }

        if (!configuration.TryNext(token, out var next))
        {
            lock (_lock)
            {
                if (!configuration.TryNext(token, out next))
                {
                    next = Read(() => Advance(configuration, token));
                }
            }
        }

        if (next < 0)
        {
            return false;
        }

        state = state with { Parser = next, Pending = token + 1 };
        return true;
    }

    /// <inheritdoc/>
    /// <exception cref="ConstraintTooComplexException">The text leads beyond the limits.</exception>
    public TokenMask Mask(in ConstraintState state)
    {
        var configuration = At(state);
        return configuration.Mask ?? BuildMask(configuration);
    }

    /// <inheritdoc/>
    /// <exception cref="ConstraintTooComplexException">The text leads beyond the limits.</exception>
    public int ForcedTokens(in ConstraintState state, Span<int> tokens) => GuessTokens(state, null, tokens).Firm;

    /// <inheritdoc/>
    /// <exception cref="ConstraintTooComplexException">The text leads beyond the limits.</exception>
    public ForcedGuess GuessTokens(in ConstraintState state, OptionalSpaces? spaces, Span<int> tokens)
    {
        var configuration = At(state);
        var previous = state.Pending - 1;
        var before = spaces is null or OptionalSpaces.Nowhere ? default : _forced.Behind(previous);
        if (configuration.Forced[spaces, before] is not { } run)
        {
            lock (_lock)
            {
                run = Read(() => _forced.After(configuration.Threads, spaces, before));
                configuration.Forced[spaces, before] = run;
            }
        }

        return run.Bytes.Length == 0 ? default : _forced.Tokens(run, previous, tokens);
    }

    /// <inheritdoc/>
    public bool IsComplete(in ConstraintState state) => At(state).IsComplete;

    private Configuration At(in ConstraintState state) => Volatile.Read(ref _configurations)[state.Parser];

    private TokenMask BuildMask(Configuration configuration)
    {
        lock (_lock)
        {
            if (configuration.Mask is { } known)
            {
                return known;
            }

            var mask = Read(() => _masks.Build(configuration.Threads));
            if (_masks.HasRoom)
            {
                configuration.Mask = mask;
            }

            return mask;
        }
    }

    private int Advance(Configuration configuration, int token)
    {
        _threads.Clear();
        _automaton.StepToken(configuration.Threads, token, _threads, 0);
        if (!_tables.HasText(token))
        {
            return Remember(configuration, token, _threads);
        }

        // Threads of every byte lie one after the other, and those after the last byte stay.
        var (start, end) = (_threads.Count, _threads.Count);
        var byToken = end;
        var first = true;
        foreach (var value in Vocabulary.Piece(token))
        {
            ReadingThread[] from = first ? configuration.Threads : [.. CollectionsMarshal.AsSpan(_threads)[start..end]];
            first = false;
            start = _threads.Count;
            _automaton.Step(from, value, _threads, start);
            end = _threads.Count;
            if (start == end)
            {
                break;
            }
        }

        List<ReadingThread> last = [.. CollectionsMarshal.AsSpan(_threads)[..byToken]];
        foreach (var thread in CollectionsMarshal.AsSpan(_threads)[start..end])
        {
            _automaton.Add(last, 0, thread);
        }

        return Remember(configuration, token, last);
    }

    private int Remember(Configuration configuration, int token, List<ReadingThread> threads)
    {
        var next = threads.Count == 0 ? -1 : Intern(CollectionsMarshal.AsSpan(threads));
        configuration.Remember(token, next);
        return next;
    }

    private int Intern(Span<ReadingThread> threads)
    {
        threads.Sort(static (x, y) => x.Lexer != y.Lexer ? x.Lexer.CompareTo(y.Lexer) : x.Parser.CompareTo(y.Parser));
        var key = new ThreadSet(threads.ToArray());
        if (_ids.TryGetValue(key, out var id))
        {
            return id;
        }

        if (_count >= _limits.MaxStates)
        {
            throw new ConstraintTooComplexException($"The constraint needs more than {_limits.MaxStates} states.") { TablesAreFull = true };
        }

        id = _count++;
        _ids.Add(key, id);
        if (id == _configurations.Length)
        {
            var grown = new Configuration[id * 2];
            _configurations.CopyTo(grown, 0);
            Volatile.Write(ref _configurations, grown);
        }

        var isComplete = Array.Exists(key.Threads, _automaton.Accepts);
        Volatile.Write(ref _configurations[id], new Configuration(id, key.Threads, isComplete));
        return id;
    }

    private T Read<T>(Func<T> action)
    {
        try
        {
            return Guarded(action);
        }
        catch (ConstraintTooComplexException e) when (e.TablesAreFull)
        {
            _isExhausted = true;
            throw;
        }
    }

    // Recursion over a grammar or a regex is as deep as they are nested.
    private static T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (InsufficientExecutionStackException e)
        {
            throw new ConstraintTooComplexException("The constraint is nested too deeply.", e);
        }
    }
}
