using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Demo;

/// <summary>A way of answering the same conversation.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Mode">What the model is asked for.</param>
/// <param name="IsConstrained">Whether the constraint that follows from it is kept.</param>
internal sealed record DemoWay(string Name, ChatToolMode Mode, bool IsConstrained)
{
    /// <summary>Free text, from which calls are read; the others are measured against it.</summary>
    public static DemoWay Free { get; } = new("free", ChatToolMode.Auto, IsConstrained: false);

    /// <summary>All ways: free, constrained from a call's opening on, constrained from the start.</summary>
    public static IReadOnlyList<DemoWay> All { get; } =
    [
        Free,
        new("auto", ChatToolMode.Auto, IsConstrained: true),
        new("required", ChatToolMode.RequireAny, IsConstrained: true),
    ];
}
