using Microsoft.Extensions.AI;
using ModelContextProtocol.Client;

namespace Connector.Samples.Agent.Tools;

/// <summary>This program started once more as an MCP server, and the tools it offers. Disposing ends the server.</summary>
internal sealed class ToolServerConnection : IAsyncDisposable
{
    private readonly McpClient _client;

    private ToolServerConnection(McpClient client, IReadOnlyList<AIFunction> tools)
    {
        _client = client;
        Tools = tools;
    }

    /// <summary>The server's tools; calling one sends a request to the server.</summary>
    public IReadOnlyList<AIFunction> Tools { get; }

    /// <summary>Starts the server and asks what it offers.</summary>
    public static async Task<ToolServerConnection> StartAsync(CancellationToken cancellationToken)
    {
        var transport = new StdioClientTransport(new StdioClientTransportOptions
        {
            Name = "almanac",
            Command = Path.Combine(AppContext.BaseDirectory, typeof(ToolServer).Assembly.GetName().Name + (OperatingSystem.IsWindows() ? ".exe" : "")),
            Arguments = [ToolServer.Command],
        });
        var client = await McpClient.CreateAsync(transport, cancellationToken: cancellationToken);
        return new ToolServerConnection(client, [.. await client.ListToolsAsync(cancellationToken: cancellationToken)]);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
