using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.Parsing;

/// <summary>One way to read the text so far: a lexer in the midst of lexemes that a parser's state expects.</summary>
internal readonly record struct ReadingThread(int Lexer, int Parser);

/// <summary>
/// All ways to read a text at once, byte by byte. A thread ends a lexeme wherever it can and goes on with it wherever
/// it can, so nothing depends on a longest match. Threads that begin a lexeme at the same byte are one, as are those with
/// the same lexer state: their number is bounded by where lexemes can begin. Not thread-safe.
/// </summary>
internal sealed class TextAutomaton
{
    private const int MaxThreads = 4096;

    private readonly Lexer _lexer;
    private readonly Parser _parser;

    public TextAutomaton(Grammar grammar, ConstraintLimits limits)
    {
        var program = GrammarProgram.Create(grammar);
        _lexer = new Lexer(grammar.Regexes, grammar.Regexes.Classes(program.Lexemes), limits);
        _parser = new Parser(program, grammar.Regexes, _lexer, limits);
        Start = At(_parser.Start);
    }

    /// <summary>The only thread before the text.</summary>
    public ReadingThread Start { get; }

    /// <summary>The lexer of the threads.</summary>
    public Lexer Lexer => _lexer;

    /// <summary>The parser of the threads.</summary>
    public Parser Parser => _parser;

    /// <summary>Adds to <paramref name="next"/> the threads after a byte; those from <paramref name="first"/> on are told apart.</summary>
    public void Step(ReadOnlySpan<ReadingThread> threads, byte value, List<ReadingThread> next, int first)
    {
        var begins = -1;
        foreach (var thread in threads)
        {
            var state = _lexer.Next(thread.Lexer, value);
            if (state == 0)
            {
                continue;
            }

            if (_lexer.GoesOn(state))
            {
                Add(next, first, thread with { Lexer = state });
            }

            var marks = _lexer.MarksOf(state);
            if (marks != 0)
            {
                var after = _parser.Advance(thread.Parser, marks);
                begins = begins < 0 ? after : _parser.Union(begins, after);
            }
        }

        if (begins >= 0)
        {
            Add(next, first, At(begins));
        }
    }

    /// <summary>The thread that begins after the lexemes of <paramref name="marks"/>.</summary>
    public ReadingThread After(int parser, int marks) => At(_parser.Advance(parser, marks));

    /// <summary>Adds the threads after a token that stands for itself.</summary>
    public void StepToken(ReadOnlySpan<ReadingThread> threads, int token, List<ReadingThread> next, int first)
    {
        foreach (var thread in threads)
        {
            if (IsBetweenLexemes(thread) && _parser.AdvanceToken(thread.Parser, token) is >= 0 and var state)
            {
                Add(next, first, At(state));
            }
        }
    }

    /// <summary>Whether the text may end at a thread.</summary>
    public bool Accepts(ReadingThread thread) => IsBetweenLexemes(thread) && _parser[thread.Parser].Accepts;

    /// <summary>Whether a thread stands at the start of a state that may end the text or expects tokens.</summary>
    public bool IsBetweenLexemes(ReadingThread thread) => _lexer.IsBoundary(thread.Lexer);

    /// <summary>
    /// Adds a thread. Of two with one lexer state, one remains, with what either parser state expects: what the lexer
    /// reads from here on is the same.
    /// </summary>
    public void Add(List<ReadingThread> threads, int first, ReadingThread thread)
    {
        for (var i = first; i < threads.Count; i++)
        {
            if (threads[i].Lexer == thread.Lexer)
            {
                threads[i] = threads[i] with { Parser = _parser.Union(threads[i].Parser, thread.Parser) };
                return;
            }
        }

        if (threads.Count - first >= MaxThreads)
        {
            throw new ConstraintTooComplexException($"The text can be read in more than {MaxThreads} ways at once.");
        }

        threads.Add(thread);
    }

    private ReadingThread At(int parser) => new(_parser[parser].LexerStart, parser);
}
