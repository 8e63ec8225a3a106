using System.CommandLine;
using Connector.Samples.Agent;
using Connector.Samples.Agent.Tools;

var model = new Option<FileInfo>("--model")
{
    Description = "The GGUF file that decides what to call.",
    DefaultValueFactory = _ => new FileInfo(Path.Combine(AppContext.BaseDirectory, "models", "connector-demo-4.6m-q8_0.gguf")),
};
var device = new Option<string?>("--device") { Description = "Where to compute: cpu, gpu, or the name of a device. Default: a GPU where there is one." };
var context = new Option<int?>("--context") { Description = "Tokens that the conversation can hold. Default: what the model was made for, as far as memory allows." };
var temperature = new Option<float>("--temperature") { Description = "How freely words are chosen; 0: always the likeliest.", DefaultValueFactory = _ => 0 };
var seed = new Option<long?>("--seed") { Description = "Equal seeds give equal answers. Default: a fresh one for each." };
var prompt = new Option<string?>("--prompt") { Description = "Do this one thing, say so on stdout, and end." };

var root = new RootCommand("Ask a language model on this machine to do things: it calls C# methods and the tools of an MCP server.")
{
    model, device, context, temperature, seed, prompt,
};
root.SetAction((parsed, cancellationToken) => AgentProgram.RunAsync(
    new AgentArguments(
        parsed.GetRequiredValue(model),
        parsed.GetValue(device),
        parsed.GetValue(context),
        parsed.GetValue(temperature),
        parsed.GetValue(seed),
        parsed.GetValue(prompt)),
    cancellationToken));

var serveTools = new Command(ToolServer.Command, "Be the MCP server: its tools on stdin and stdout.");
serveTools.SetAction((_, cancellationToken) => ToolServer.RunAsync(TimeProvider.System, cancellationToken));
root.Add(serveTools);

// Ctrl+C is ours: it stops an answer, not the program.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
