using Connector.Decoding.Speculation;

namespace Connector.Decoding.Tests.Speculation;

/// <summary>Cost models of devices that do not exist.</summary>
internal static class Curves
{
    private static readonly int[] s_sizes = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64];

    /// <summary>Any number of tokens costs as much as one.</summary>
    public static StepCostModel Flat => Through(1, 1, 1, 1, 1, 1, 1, 1, 1, 1);

    /// <summary>Milliseconds of calls with 1, 2, 4, 8, 12, 16, 24, 32, 48 and 64 tokens, straight lines between them.</summary>
    public static StepCostModel Through(params double[] milliseconds) => StepCostModel.Through([.. s_sizes.Zip(milliseconds)]);
}
