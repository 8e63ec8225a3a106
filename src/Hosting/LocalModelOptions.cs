namespace Connector.Hosting;

/// <summary>When a registered model is loaded.</summary>
public enum ModelLoading
{
    /// <summary>The host starts when the model is there, and fails to start where it cannot be loaded.</summary>
    AtStart,

    /// <summary>The host starts at once and the model loads meanwhile; requests wait for it. A failure is logged, and every request gets it.</summary>
    InBackground,

    /// <summary>The first request loads the model; so it is too where there is no host.</summary>
    OnFirstUse,
}

/// <summary>A model of the service container.</summary>
public sealed class LocalModelOptions
{
    /// <summary>The GGUF file; required. A relative path starts at the current directory.</summary>
    public string ModelPath { get; set; } = "";

    /// <summary>When the model is loaded. Default: when the host starts.</summary>
    public ModelLoading Loading { get; set; }

    /// <summary>How the client works. Its logger factory is the container's unless it names one.</summary>
    public LocalChatClientOptions Client { get; set; } = new();
}
