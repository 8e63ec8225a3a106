using System.Buffers;
using System.Text;
using Connector.Decoding.Constraints.Parsing;

namespace Connector.Decoding.Constraints.Masks;

/// <summary>Finds forced text and cuts it into the tokens that the tokenizer would make of it.</summary>
internal sealed class ForcedText(TextAutomaton automaton, Vocabulary vocabulary, VocabularyTables tables)
{
    private const int MaxBytes = 256;

    // A token that starts so many tokens before the end of forced text, and reaches over it, is looked for.
    private const int MaxGivenBack = 4;

    // Some tokenizers put a space before the text. Behind a line break that space is cut off again with the break.
    private const string Anchor = "\n";

    // Where a text may go on in more ways than a JSON value may begin, a space is part of it.
    private const int MaxWays = 24;

    /// <summary>What stands before a place behind a token; none: -1.</summary>
    public TextBefore Behind(int token) => token >= 0 && tables.HasText(token) ? Kind(vocabulary.Piece(token)[^1]) : TextBefore.Other;

    /// <summary>
    /// What must follow threads, at most 256 bytes, where spaces that may stand or not are guessed; null: it ends before them. Under the
    /// constraint's lock.
    /// </summary>
    public ForcedRun After(ReadOnlySpan<ReadingThread> threads, OptionalSpaces? spaces, TextBefore before)
    {
        var bytes = new List<byte>();
        List<ReadingThread> current = [.. threads];
        while (bytes.Count < MaxBytes)
        {
            var choice = Choice(current, spaces, before);
            if (choice is null or < 0)
            {
                return new ForcedRun([.. bytes], choice is null);
            }

            bytes.Add((byte)choice);
            before = Kind((byte)choice);
            var next = new List<ReadingThread>();
            automaton.Step([.. current], (byte)choice, next, 0);
            current = next;
        }

        return new ForcedRun([.. bytes], false);
    }

    /// <summary>
    /// The tokens of forced text as the tokenizer cuts it together with the token before. Not firm are those at the
    /// end where a longer token could take in what follows the forced text, because the tokenizer would then cut
    /// differently.
    /// </summary>
    public ForcedGuess Tokens(ForcedRun run, int previous, Span<int> tokens)
    {
        if (run.LastCut is not { } cut || cut.Previous != previous)
        {
            run.LastCut = cut = CutBehind(run, previous);
        }

        var count = Math.Min(cut.Tokens.Length, tokens.Length);
        cut.Tokens.AsSpan(0, count).CopyTo(tokens);
        return new ForcedGuess(count, Math.Min(cut.Firm, count), cut.IsJoined);
    }

    private static TextBefore Kind(byte value) => value switch
    {
        (byte)':' or (byte)',' => TextBefore.Separator,
        (byte)'{' => TextBefore.Brace,
        (byte)' ' => TextBefore.Space,
        _ => TextBefore.Other,
    };

    private ForcedCut CutBehind(ForcedRun run, int previous)
    {
        var piece = previous >= 0 && tables.HasText(previous) ? vocabulary.Piece(previous) : default;
        byte[] together = [.. piece, .. run.Bytes];
        var cut = piece.Length > 0 ? Cut(together) : null;
        var isJoined = piece.IsEmpty || (cut is not null && cut[0] == previous);

        // Where it is not joined, the tokenizer would have merged the token before with this text, but that token is already there.
        cut = isJoined && cut is not null ? cut[1..] : Cut(run.Bytes);
        return cut is null ? new ForcedCut(previous, [], 0, isJoined)
            : new ForcedCut(previous, cut, run.IsLast ? cut.Length : KeptTokens(cut, run.Bytes), isJoined);
    }

    // The tokens of a text, or null where the tokenizer gives other bytes than the text.
    private int[]? Cut(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..WholeCodePoints(bytes)];
        if (bytes.IsEmpty)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(bytes);
        var direct = vocabulary.Tokenize(text, parseSpecial: false);
        if (Spells(direct, bytes))
        {
            return direct;
        }

        var anchored = vocabulary.Tokenize(Anchor + text, parseSpecial: false);
        for (var skipped = 1; skipped <= 3 && skipped < anchored.Length; skipped++)
        {
            if (Spells(anchored.AsSpan(skipped), bytes))
            {
                return anchored[skipped..];
            }
        }

        return null;
    }

    private bool Spells(ReadOnlySpan<int> tokens, ReadOnlySpan<byte> bytes)
    {
        foreach (var token in tokens)
        {
            if (!tables.HasText(token) || !bytes.StartsWith(vocabulary.Piece(token)))
            {
                return false;
            }

            bytes = bytes[vocabulary.Piece(token).Length..];
        }

        return bytes.IsEmpty;
    }

    private static int WholeCodePoints(ReadOnlySpan<byte> bytes)
    {
        var whole = 0;
        while (Rune.DecodeFromUtf8(bytes[whole..], out _, out var length) == OperationStatus.Done)
        {
            whole += length;
        }

        return whole;
    }

    private int KeptTokens(int[] cut, ReadOnlySpan<byte> forced)
    {
        // The tokens may end before the forced text does, which can stop within a code point.
        var start = 0;
        foreach (var token in cut)
        {
            start += vocabulary.Piece(token).Length;
        }

        var kept = cut.Length;
        for (var back = 1; back <= Math.Min(MaxGivenBack, cut.Length); back++)
        {
            start -= vocabulary.Piece(cut[^back]).Length;
            if (tables.Trie.IsProperPrefix(forced[start..]))
            {
                kept = cut.Length - back;
            }
        }

        return kept;
    }

    // The only byte that may follow, -1 where there is a choice, null where nothing may follow. A space beside others is a choice
    // unless it is guessed whether it stands here.
    private int? Choice(List<ReadingThread> threads, OptionalSpaces? spaces, TextBefore before)
    {
        var (ways, other, hasSpace) = (0, -1, false);
        foreach (var thread in threads)
        {
            if (automaton.IsBetweenLexemes(thread))
            {
                // The text may end here, or a token follow that has no bytes.
                return automaton.Lexer.GoesOn(thread.Lexer) || threads.Count > 1 || automaton.Parser[thread.Parser].Tokens.Length > 0 ? -1 : null;
            }

            for (var value = 0; value < 256 && ways <= MaxWays; value++)
            {
                if (automaton.Lexer.Next(thread.Lexer, (byte)value) == 0)
                {
                    continue;
                }

                hasSpace |= value == ' ';
                if (value != ' ' && value != other)
                {
                    (ways, other) = (ways + 1, value);
                }
            }
        }

        bool? isSpaceUsual = spaces switch
        {
            null => null,
            OptionalSpaces.Nowhere => false,
            OptionalSpaces.AfterSeparators => before is TextBefore.Separator,
            _ => before is TextBefore.Separator or TextBefore.Brace || (before is not TextBefore.Space && ways == 1 && other == '}'),
        };
        return (ways, hasSpace, isSpaceUsual) switch
        {
            (0, false, _) => null,
            (0, true, _) => ' ',
            (1, false, _) => other,
            (<= MaxWays, true, true) => ' ',
            (1, true, false) => other,
            _ => -1,
        };
    }
}
