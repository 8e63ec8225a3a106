using System.Diagnostics;
using System.Text.Json;
using Connector.Decoding;
using Connector.Decoding.Constraints;

namespace Connector.Benchmarks.MaskBench;

/// <summary>What became of one schema.</summary>
internal sealed record SchemaResult(string Name)
{
    public double CompileMilliseconds { get; init; }

    /// <summary>Why it was not compiled; null where it was.</summary>
    public string? Refused { get; init; }

    /// <summary>Whether the compiler found that it accepts nothing at all.</summary>
    public bool IsUnsatisfiable { get; init; }

    public IReadOnlyList<UnenforcedKeyword> Unenforced { get; init; } = [];

    /// <summary>Valid instances that were rejected, and where.</summary>
    public List<string> FalseRejects { get; } = [];

    /// <summary>Invalid instances that were accepted.</summary>
    public List<string> FalseAccepts { get; } = [];

    /// <summary>Tokens that the mask and TryAdvance disagree on.</summary>
    public List<string> MaskErrors { get; } = [];

    /// <summary>Microseconds of each mask, the first time and again.</summary>
    public List<float> Cold { get; } = [];

    public List<float> Warm { get; } = [];

    public int Tokens { get; set; }

    public bool IsRight => (Refused is null || IsUnsatisfiable) && FalseRejects.Count == 0 && FalseAccepts.Count == 0 && MaskErrors.Count == 0;
}

/// <summary>Compiles one schema and walks its instances.</summary>
internal sealed class SchemaRun(Vocabulary vocabulary, BenchOptions options)
{
    private const int CheckedTokens = 24;
    private const int CheckEvery = 7;

    /// <summary>Runs one item; the constraint comes along for measuring what it holds.</summary>
    public SchemaResult Run(BenchItem item, out CompiledConstraint? constraint)
    {
        using var document = item.Parse();
        var name = document.RootElement.GetProperty("name").GetString()!;
        var tests = document.RootElement.GetProperty("tests");
        var start = Stopwatch.GetTimestamp();
        constraint = null;
        try
        {
            constraint = ConstraintCompiler.Compile(
                document.RootElement.GetProperty("schema"), vocabulary, new JsonSchemaOptions { PropertyOrder = options.Order });
            var result = new SchemaResult(name) { CompileMilliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds, Unenforced = constraint.Unenforced };
            Walk(constraint, tests, result);
            return result;
        }
        catch (UnsatisfiableConstraintException e)
        {
            var result = new SchemaResult(name) { Refused = e.Message, IsUnsatisfiable = true, CompileMilliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds };
            result.FalseRejects.AddRange(tests.EnumerateArray().Where(t => t.GetProperty("valid").GetBoolean()).Select(_ => "the schema was found to accept nothing"));
            return result;
        }
        catch (Exception e) when (e is UnsupportedSchemaException or ConstraintTooComplexException)
        {
            return new SchemaResult(name) { Refused = e.Message, CompileMilliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds };
        }
    }

    private void Walk(CompiledConstraint constraint, JsonElement tests, SchemaResult result)
    {
        var random = new Random(result.Name.Length);
        var index = 0;
        foreach (var test in tests.EnumerateArray())
        {
            index++;
            var isValid = test.GetProperty("valid").GetBoolean();
            foreach (var spaced in new[] { false, true })
            {
                var text = JsonForms.Write(test.GetProperty("data"), spaced);
                var tokens = vocabulary.Tokenize(text, parseSpecial: false);
                result.Tokens += tokens.Length;
                var read = Read(constraint, tokens, random, result, result.Cold, check: !options.Quick);
                if (!options.Quick)
                {
                    Read(constraint, tokens, random, result, result.Warm, check: false);
                }

                var where = $"#{index} {(spaced ? "spaced" : "compact")}";
                if (isValid && read < tokens.Length + 1)
                {
                    var done = vocabulary.Decode(tokens.AsSpan(0, Math.Min(read, tokens.Length)));
                    result.FalseRejects.Add($"{where} after {done[Math.Max(done.Length - 60, 0)..]}");
                }
                else if (!isValid && read > tokens.Length)
                {
                    result.FalseAccepts.Add(where);
                }
            }
        }
    }

    // How many tokens were allowed; one more when the text was complete at their end.
    private int Read(CompiledConstraint constraint, int[] tokens, Random random, SchemaResult result, List<float> times, bool check)
    {
        var state = constraint.Start;
        for (var i = 0; i < tokens.Length; i++)
        {
            if (!options.Quick)
            {
                var start = Stopwatch.GetTimestamp();
                var mask = constraint.Mask(state);
                times.Add((float)Stopwatch.GetElapsedTime(start).TotalMicroseconds);
                if (check && i % CheckEvery == 0)
                {
                    Check(constraint, state, mask, tokens[i], random, result);
                }
            }

            if (!constraint.TryAdvance(ref state, tokens[i]))
            {
                return i;
            }
        }

        return tokens.Length + (constraint.IsComplete(state) ? 1 : 0);
    }

    private void Check(CompiledConstraint constraint, ConstraintState state, TokenMask mask, int next, Random random, SchemaResult result)
    {
        for (var i = 0; i < CheckedTokens; i++)
        {
            var token = i == 0 ? next : random.Next(vocabulary.Count);
            var copy = state;
            if (mask.Contains(token) != constraint.TryAdvance(ref copy, token))
            {
                result.MaskErrors.Add($"token {token} '{vocabulary.Written(token)}'");
            }
        }

        if (mask.Count == 0)
        {
            result.MaskErrors.Add("an empty mask");
        }
    }
}
