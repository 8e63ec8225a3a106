using System.Globalization;
using Connector.Decoding.Speculation;

namespace Connector.Benchmarks.DraftReplay;

/// <summary>What evaluating n tokens costs in units of one token: a few measured points, straight lines between them.</summary>
/// <param name="Name">What the curve is of.</param>
/// <param name="Points">Tokens and cost, ascending; the first is (1, 1).</param>
/// <param name="Milliseconds">What a call for one token takes: how long the ledger's milliseconds are.</param>
internal sealed record CostCurve(string Name, IReadOnlyList<(int Tokens, double Cost)> Points, double Milliseconds = 10)
{
    /// <summary>The curves that decoding.md's simulation used: a 135M model on two CPU cores, and a GPU.</summary>
    public static IReadOnlyList<CostCurve> Known { get; } =
    [
        new("q4_0", [(1, 1), (4, 2.1), (8, 3.2), (16, 4.4)]),
        new("q8_0", [(1, 1), (4, 3.4), (8, 4.1), (16, 5.2)]),
        new("q4_1", [(1, 1), (4, 2.9), (8, 4.6), (16, 7.7)]),
        new("gpu", [(1, 1), (16, 1.08), (64, 1.35)]),
    ];

    /// <summary>A known curve by name, or a file with a line "tokens cost" for each point.</summary>
    public static CostCurve Read(string nameOrFile)
    {
        if (Known.FirstOrDefault(c => c.Name == nameOrFile) is { } known)
        {
            return known;
        }

        if (!File.Exists(nameOrFile))
        {
            throw new ArgumentException($"'{nameOrFile}' is neither a file nor one of the curves {string.Join(", ", Known.Select(c => c.Name))}.", nameof(nameOrFile));
        }

        var points = File.ReadLines(nameOrFile).Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(p => p.Length == 2)
            .Select(p => (Tokens: int.Parse(p[0], CultureInfo.InvariantCulture), Cost: double.Parse(p[1], CultureInfo.InvariantCulture))).OrderBy(p => p.Tokens).ToList();
        return points is [(1, > 0), _, ..]
            ? new CostCurve(Path.GetFileNameWithoutExtension(nameOrFile), [.. points.Select(p => (p.Tokens, p.Cost / points[0].Cost))])
            : throw new InvalidDataException($"{nameOrFile}: a curve starts with a line \"1 cost\" and has at least one more.");
    }

    /// <summary>The cost of a number of tokens, in units of one.</summary>
    public double Units(int tokens) => StepCostModel.Between(Points, tokens);

    /// <summary>The same in time.</summary>
    public TimeSpan Time(int tokens) => TimeSpan.FromMilliseconds(Units(tokens) * Milliseconds);

    /// <summary>The cost model that the calibration of such a device would give.</summary>
    public StepCostModel Model() => StepCostModel.Through([.. Points.Select(p => (p.Tokens, p.Cost * Milliseconds))]);
}
