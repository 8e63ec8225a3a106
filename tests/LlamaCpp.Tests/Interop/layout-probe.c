#include <stdio.h>
#include <stddef.h>
#include "llama.h"
#define S(t) printf("%s %zu\n", #t, sizeof(struct t))
#define F(t,f) printf("%s.%s %zu\n", #t, #f, offsetof(struct t, f))
int main(){
S(llama_model_params);
#define M(f) F(llama_model_params,f)
M(devices);M(tensor_buft_overrides);M(n_gpu_layers);M(split_mode);M(load_mode);M(lazy_mode);M(main_gpu);M(tensor_split);M(progress_callback);M(progress_callback_user_data);M(kv_overrides);M(vocab_only);M(check_tensors);M(use_extra_bufts);M(no_host);M(no_alloc);M(load_mtp);
S(llama_context_params);
#define C(f) F(llama_context_params,f)
C(n_ctx);C(n_batch);C(n_ubatch);C(n_seq_max);C(n_rs_seq);C(n_outputs_max);C(n_outputs_max_per_seq);C(n_threads);C(n_threads_batch);C(ctx_type);C(rope_scaling_type);C(pooling_type);C(attention_type);C(flash_attn_type);C(rope_freq_base);C(rope_freq_scale);C(yarn_ext_factor);C(yarn_attn_factor);C(yarn_beta_fast);C(yarn_beta_slow);C(yarn_orig_ctx);C(defrag_thold);C(cb_eval);C(cb_eval_user_data);C(type_k);C(type_v);C(abort_callback);C(abort_callback_data);C(embeddings);C(offload_kqv);C(no_perf);C(op_offload);C(swa_full);C(kv_unified);C(samplers);C(n_samplers);C(ctx_other);
S(llama_batch);
#define B(f) F(llama_batch,f)
B(n_tokens);B(token);B(embd);B(pos);B(n_seq_id);B(seq_id);B(logits);
S(llama_model_quantize_params);
#define Q(f) F(llama_model_quantize_params,f)
Q(nthread);Q(ftype);Q(output_tensor_type);Q(token_embedding_type);Q(allow_requantize);Q(quantize_output_tensor);Q(only_copy);Q(pure);Q(keep_split);Q(dry_run);Q(imatrix);Q(kv_overrides);Q(tt_overrides);Q(prune_layers);Q(max_buf_size);
S(ggml_backend_dev_props); S(ggml_backend_dev_caps);
#define D(f) F(ggml_backend_dev_props,f)
D(name);D(description);D(memory_free);D(memory_total);D(type);D(device_id);D(caps);
S(ggml_threadpool_params);
#define T(f) F(ggml_threadpool_params,f)
T(cpumask);T(n_threads);T(prio);T(poll);T(strict_cpu);T(paused);
}
