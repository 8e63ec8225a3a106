namespace Connector;

/// <summary>Stub.</summary>
public sealed class LocalChatClient
{
}
