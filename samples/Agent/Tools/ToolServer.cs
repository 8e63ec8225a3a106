using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Connector.Samples.Agent.Tools;

/// <summary>The other side of <see cref="ToolServerConnection"/>: an MCP server on stdin and stdout that offers the <see cref="Almanac"/>.</summary>
internal static class ToolServer
{
    /// <summary>The subcommand that makes this program the server.</summary>
    public const string Command = "serve-tools";

    /// <summary>Serves until stdin ends.</summary>
    public static async Task RunAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var options = new McpServerOptions
        {
            ServerInfo = new Implementation { Name = "almanac", Version = "1.0" },
            ToolCollection = [.. new Almanac(time).Tools.Select(tool => McpServerTool.Create(tool))],
        };
        await using var transport = new StdioServerTransport(options);
        await using var server = McpServer.Create(transport, options);
        await server.RunAsync(cancellationToken);
    }
}
