using Microsoft.Extensions.AI;

namespace Connector.Samples.Tests.Support;

internal static class Arguments
{
    public static AIFunctionArguments Of(params IEnumerable<(string Name, object? Value)> arguments) =>
        new(arguments.ToDictionary(a => a.Name, a => a.Value, StringComparer.Ordinal), StringComparer.Ordinal);
}
