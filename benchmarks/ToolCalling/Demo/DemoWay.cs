using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Demo;

/// <summary>A way of answering the same conversation.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Mode">What the model is asked for.</param>
/// <param name="IsConstrained">Whether the constraint that follows from it is kept.</param>
/// <param name="Speculation">Whether tokens are drafted.</param>
internal sealed record DemoWay(string Name, ChatToolMode Mode, bool IsConstrained, Speculation Speculation)
{
    /// <summary>Free text without drafts, from which calls are read; the others are measured against it.</summary>
    public static DemoWay Free { get; } = new("free, no drafts", ChatToolMode.Auto, IsConstrained: false, Speculation.Off);

    /// <summary>All ways, without drafts and with them: free, constrained from a call's opening on, constrained from the start.</summary>
    public static IReadOnlyList<DemoWay> All { get; } =
    [
        Free,
        new("auto, no drafts", ChatToolMode.Auto, IsConstrained: true, Speculation.Off),
        new("required, no drafts", ChatToolMode.RequireAny, IsConstrained: true, Speculation.Off),
        new("free", ChatToolMode.Auto, IsConstrained: false, Speculation.Auto),
        new("auto", ChatToolMode.Auto, IsConstrained: true, Speculation.Auto),
        new("required", ChatToolMode.RequireAny, IsConstrained: true, Speculation.Auto),
    ];
}
