namespace Connector;

/// <summary>Stub.</summary>
public sealed class LocalChatClient
{
    internal const string ProviderName = "connector";
}
