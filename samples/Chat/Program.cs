using System.CommandLine;
using Connector.Samples.Chat;

var model = new Option<FileInfo>("--model")
{
    Description = "The GGUF file to talk to.",
    DefaultValueFactory = _ => new FileInfo(Path.Combine(AppContext.BaseDirectory, "models", "connector-demo-4.6m-q8_0.gguf")),
};
var device = new Option<string?>("--device") { Description = "Where to compute: cpu, gpu, or the name of a device. Default: a GPU where there is one." };
var context = new Option<int?>("--context") { Description = "Tokens that the conversation can hold. Default: what the model was made for, as far as memory allows." };
var temperature = new Option<float?>("--temperature") { Description = "How freely words are chosen; 0: always the likeliest. Default: 0.8." };
var seed = new Option<long?>("--seed") { Description = "Equal seeds give equal answers. Default: a fresh one for each." };
var system = new Option<string?>("--system") { Description = "What the model is told before the conversation." };
var prompt = new Option<string?>("--prompt") { Description = "Answer this one message on stdout, and end." };

var root = new RootCommand("Talk to a language model on this machine.") { model, device, context, temperature, seed, system, prompt };
root.SetAction((parsed, cancellationToken) => ChatProgram.RunAsync(
    new ChatArguments(
        parsed.GetRequiredValue(model),
        parsed.GetValue(device),
        parsed.GetValue(context),
        parsed.GetValue(temperature),
        parsed.GetValue(seed),
        parsed.GetValue(system),
        parsed.GetValue(prompt)),
    cancellationToken));

// Ctrl+C is ours: it stops an answer, not the program.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
